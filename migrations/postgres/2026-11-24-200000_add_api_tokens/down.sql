DELETE FROM audit WHERE event IN ('api_token_created', 'api_token_deleted');
ALTER TABLE audit DROP CONSTRAINT audit_event_check;
ALTER TABLE audit ADD CONSTRAINT audit_event_check CHECK (event IN (
        'registered', 'signed_in', 'failed', 'signed_out', 'revoked', 'password_changed', 'account_changed',
        'disabled', 'deleted', 'throttled',
        'second_factor_added', 'second_factor_removed', 'second_factor_failed', 'recovery_code_used',
        'recovery_codes_replaced', 'trusted_browsers_removed'
    ));
CREATE OR REPLACE FUNCTION users_disabled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM sessions WHERE user_id = NEW.id;
    INSERT INTO audit (user_id, event, at)
    VALUES (NEW.id, 'disabled', (extract(epoch FROM clock_timestamp()) * 1000)::bigint);
    RETURN NULL;
END;
$$;
DROP TABLE api_tokens;
