DELETE FROM audit WHERE event IN ('api_token_created', 'api_token_deleted');
CREATE TABLE audit_copy (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- NULL where the user is deleted: that this happened is all that is left.
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
    event TEXT NOT NULL CHECK (event IN (
        'registered', 'signed_in', 'failed', 'signed_out', 'revoked', 'password_changed', 'account_changed',
        'disabled', 'deleted', 'throttled',
        'second_factor_added', 'second_factor_removed', 'second_factor_failed', 'recovery_code_used',
        'recovery_codes_replaced', 'trusted_browsers_removed'
    )),
    at BIGINT NOT NULL,
    ip TEXT,
    user_agent TEXT
);
INSERT INTO audit_copy (id, user_id, event, at, ip, user_agent) SELECT id, user_id, event, at, ip, user_agent FROM audit;
-- An id that was deleted is not given out again.
INSERT INTO sqlite_sequence (name, seq) SELECT 'audit_copy', 0 WHERE NOT EXISTS (
    SELECT 1 FROM sqlite_sequence WHERE name = 'audit_copy'
);
UPDATE sqlite_sequence SET seq = max(seq, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0))
WHERE name = 'audit_copy';
-- It inserts into `audit`, and a table that a trigger names cannot be replaced.
DROP TRIGGER users_disabled;
DROP TABLE audit;
ALTER TABLE audit_copy RENAME TO audit;
CREATE INDEX audit_user_id ON audit (user_id, id);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_user_id_event ON audit (user_id, event, at);
CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'audit is append only');
END;
CREATE TRIGGER users_disabled AFTER UPDATE OF is_active ON users WHEN OLD.is_active AND NOT NEW.is_active
BEGIN
    DELETE FROM sessions WHERE user_id = NEW.id;
    -- Not `unixepoch('now', 'subsec')`, which the shells of many systems are too old for.
    INSERT INTO audit (user_id, event, at)
    VALUES (NEW.id, 'disabled', CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER));
END;
DROP TABLE api_tokens;
