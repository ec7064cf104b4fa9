DELETE FROM audit WHERE event IN (
        'second_factor_added', 'second_factor_removed', 'second_factor_failed', 'recovery_code_used',
        'recovery_codes_replaced', 'trusted_browsers_removed'
    );
ALTER TABLE audit DROP CONSTRAINT audit_event_check;
ALTER TABLE audit ADD CONSTRAINT audit_event_check CHECK (event IN (
        'registered', 'signed_in', 'failed', 'signed_out', 'revoked', 'password_changed', 'account_changed',
        'disabled', 'deleted', 'throttled'
    ));
ALTER TABLE sessions DROP COLUMN trusted_browser_id;
DROP TABLE trusted_browsers;
DROP TABLE failed_factors;
DROP TABLE pending_logins;
DROP TABLE recovery_codes;
DROP TABLE totp_seeds;
ALTER TABLE users DROP COLUMN has_totp;
