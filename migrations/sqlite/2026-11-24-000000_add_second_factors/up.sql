-- Whether the user has a confirmed row in `totp_seeds`: logins of users without a second factor need no other query to
-- know that.
ALTER TABLE users ADD COLUMN has_totp BOOLEAN NOT NULL DEFAULT FALSE;

-- The seeds of authenticator apps (RFC 6238), one per user.
CREATE TABLE totp_seeds (
    user_id INTEGER PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Encrypted under a key derived from SECRET_KEY, so that this table alone computes no code.
    sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    -- NULL until the first code was entered; until then it is no second factor.
    confirmed_at BIGINT,
    -- The time step of the last code that was accepted: no code of this or an earlier step is accepted again.
    last_step BIGINT NOT NULL DEFAULT 0
);

-- Codes for users who have lost their second factor. Each works once.
CREATE TABLE recovery_codes (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of the code.
    hash BLOB NOT NULL,
    CONSTRAINT recovery_codes_unique UNIQUE (user_id, hash)
);

-- Logins whose password was right and whose second factor is still to come.
CREATE TABLE pending_logins (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- SHA-256 of the token in the cookie.
    token_hash BLOB NOT NULL CONSTRAINT pending_logins_token_unique UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- A login with a password that has since been changed is void.
    password_version BIGINT NOT NULL,
    stay_signed_in BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX pending_logins_user_id ON pending_logins (user_id);
CREATE INDEX pending_logins_expires_at ON pending_logins (expires_at);

-- Wrong codes, for rate limiting.
CREATE TABLE failed_factors (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    at BIGINT NOT NULL
);
CREATE INDEX failed_factors_user_id ON failed_factors (user_id, at);
CREATE INDEX failed_factors_at ON failed_factors (at);

-- Browsers that need no second factor.
CREATE TABLE trusted_browsers (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- SHA-256 of the token in the cookie.
    token_hash BLOB NOT NULL CONSTRAINT trusted_browsers_token_unique UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- A browser that was trusted with another password is not trusted any more.
    password_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX trusted_browsers_user_id ON trusted_browsers (user_id);
CREATE INDEX trusted_browsers_expires_at ON trusted_browsers (expires_at);
-- The trusted browser that opened this session. No reference: a session continues without it.
ALTER TABLE sessions ADD COLUMN trusted_browser_id BIGINT;

-- SQLite can only change a CHECK by making the table again.
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
