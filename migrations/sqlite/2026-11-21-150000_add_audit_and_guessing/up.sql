-- Counts the passwords that a user has had: a login that was checked against an older one opens no session.
ALTER TABLE users ADD COLUMN password_version BIGINT NOT NULL DEFAULT 0;

-- Until then the session may do what is sensitive.
ALTER TABLE sessions ADD COLUMN fresh_until BIGINT NOT NULL DEFAULT 0;
-- Where the session was last seen; NULL where that is not known.
ALTER TABLE sessions ADD COLUMN ip TEXT;
ALTER TABLE sessions ADD COLUMN user_agent TEXT;

-- What happened to an account. Rows are added, never changed; they go when they are old, or with their user.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- NULL where the user is deleted: that this happened is all that is left.
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
    event TEXT NOT NULL CHECK (event IN (
        'registered', 'signed_in', 'failed', 'signed_out', 'revoked', 'password_changed', 'account_changed',
        'disabled', 'deleted', 'throttled'
    )),
    at BIGINT NOT NULL,
    ip TEXT,
    user_agent TEXT
);
CREATE INDEX audit_user_id ON audit (user_id, id);
CREATE INDEX audit_at ON audit (at);

CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'audit is append only');
END;

-- In the database, so that it holds whoever disables an account: a program, or an operator by hand.
CREATE TRIGGER users_disabled AFTER UPDATE OF is_active ON users WHEN OLD.is_active AND NOT NEW.is_active
BEGIN
    DELETE FROM sessions WHERE user_id = NEW.id;
    -- Not `unixepoch('now', 'subsec')`, which the shells of many systems are too old for.
    INSERT INTO audit (user_id, event, at)
    VALUES (NEW.id, 'disabled', CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER));
END;

CREATE TABLE failed_passwords (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- SHA-256 of the name, which need not be anybody's: people type passwords into the wrong field.
    account BLOB NOT NULL,
    -- An IPv4 address, or an IPv6 /64.
    network TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX failed_passwords_account ON failed_passwords (account, network, at);
CREATE INDEX failed_passwords_network ON failed_passwords (network, at);
CREATE INDEX failed_passwords_at ON failed_passwords (at);

CREATE TABLE registrations (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    network TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX registrations_network ON registrations (network, at);
CREATE INDEX registrations_at ON registrations (at);
