-- Whether the user has a row in `passkeys`, for the same reason as `has_totp`.
ALTER TABLE users ADD COLUMN has_passkey BOOLEAN NOT NULL DEFAULT FALSE;

-- Passkeys (WebAuthn). They contain public keys only.
CREATE TABLE passkeys (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Chosen by the authenticator. The first account that registers it has it.
    credential_id BLOB NOT NULL CONSTRAINT passkeys_credential_unique UNIQUE,
    -- The public key and what else was registered, as JSON.
    credential TEXT NOT NULL,
    -- The last signature counter that was seen; 0 if the authenticator does not count.
    sign_count BIGINT NOT NULL,
    backed_up BOOLEAN NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX passkeys_user_id ON passkeys (user_id);

-- Challenges that were sent to browsers, each of which works once.
CREATE TABLE passkey_challenges (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('registration', 'second_factor', 'login')),
    -- SHA-256 of the challenge.
    hash BLOB NOT NULL CONSTRAINT passkey_challenges_hash_unique UNIQUE,
    -- NULL for logins, as nobody knows yet who signs in.
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
    -- The user, or the network of the client if there is none: each has a limited number of challenges.
    owner TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX passkey_challenges_owner ON passkey_challenges (owner, id);
CREATE INDEX passkey_challenges_user_id ON passkey_challenges (user_id);
CREATE INDEX passkey_challenges_expires_at ON passkey_challenges (expires_at);
