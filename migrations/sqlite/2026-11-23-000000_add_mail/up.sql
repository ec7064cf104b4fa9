-- Since when `email_key` is verified; NULL if it is not. `email_key` is the address that the account owns: a verified one,
-- or one that was entered while e-mail was off.
ALTER TABLE users ADD COLUMN email_verified_at BIGINT;
-- The address that replaces `email` once it is verified.
ALTER TABLE users ADD COLUMN pending_email TEXT;
-- The normalized address that waits for its verification. Not unique: an unverified address reserves nothing.
ALTER TABLE users ADD COLUMN unverified_email_key TEXT;
CREATE INDEX users_unverified_email_key ON users (unverified_email_key);

-- A binary from before this migration changes the address only, which is then not verified any more.
CREATE TRIGGER users_email_changed AFTER UPDATE OF email_key ON users
WHEN NEW.email_key IS NOT OLD.email_key AND NEW.email_verified_at = OLD.email_verified_at
BEGIN
    UPDATE users SET email_verified_at = NULL WHERE id = NEW.id;
END;

-- Messages that wait for their delivery. What was sent is erased from its row.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL,
    -- No reference: the message about a deleted account is sent nevertheless.
    user_id BIGINT,
    recipient TEXT NOT NULL,
    -- What the texts mention, a JSON object without secrets.
    payload TEXT NOT NULL,
    -- The token in the link is computed from this and SECRET_KEY, so that this table alone opens nothing.
    seed BLOB,
    token_expires_at BIGINT,
    message_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    -- Until then a node is delivering it.
    claimed_until BIGINT,
    last_error TEXT,
    sent_at BIGINT,
    failed_at BIGINT
);
CREATE INDEX outbox_waiting ON outbox (next_attempt_at) WHERE sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX outbox_user_id ON outbox (user_id, created_at);
CREATE INDEX outbox_created_at ON outbox (created_at);

-- Tokens in links. Each works once.
CREATE TABLE one_time_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL,
    -- SHA-256 of the token.
    hash BLOB NOT NULL CONSTRAINT one_time_tokens_hash_unique UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    payload TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX one_time_tokens_user_id ON one_time_tokens (user_id, kind);
CREATE INDEX one_time_tokens_expires_at ON one_time_tokens (expires_at);

-- Messages that anybody can trigger, of the last hour.
CREATE TABLE mail_requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL,
    -- SHA-256 of the normalized address, which need not be anybody's.
    address BLOB NOT NULL,
    network TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX mail_requests_address ON mail_requests (address, kind, at);
CREATE INDEX mail_requests_network ON mail_requests (network, at);
CREATE INDEX mail_requests_at ON mail_requests (at);
