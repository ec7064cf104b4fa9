-- Instants are BIGINT, Unix milliseconds: the one form that both databases store and compare alike.

CREATE TABLE users (
    -- AUTOINCREMENT: the id of a deleted user is never given to somebody else.
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- As typed; `username_key` is what RFC 8265 (UsernameCaseMapped) compares.
    username TEXT NOT NULL,
    username_key TEXT NOT NULL CONSTRAINT users_username_key_unique UNIQUE,
    email TEXT,
    email_key TEXT CONSTRAINT users_email_key_unique UNIQUE,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin')),
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    created_at BIGINT NOT NULL,
    updated_at BIGINT
);

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- SHA-256 of the token: who reads this table cannot sign in with it.
    token_hash BLOB NOT NULL CONSTRAINT sessions_token_hash_unique UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    stay_signed_in BOOLEAN NOT NULL,
    -- What else a handler keeps in its session, a JSON object of JSON texts.
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    -- The session is over at the earlier of the two.
    idle_expires_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_user_id ON sessions (user_id);
CREATE INDEX sessions_idle_expires_at ON sessions (idle_expires_at);

CREATE TABLE posts (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    title TEXT NOT NULL,
    data TEXT NOT NULL,
    excerpt TEXT NOT NULL,
    published BOOLEAN NOT NULL DEFAULT TRUE,
    created_at BIGINT NOT NULL,
    updated_at BIGINT
);

-- One row a user: how many reads of the running period are used.
CREATE TABLE meters (
    user_id BIGINT PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    period_started_at BIGINT NOT NULL,
    used BIGINT NOT NULL
);

-- When a user was last charged for a post (READS_COUNT=posts).
CREATE TABLE reads (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    charged_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, post_id)
);
CREATE INDEX reads_post_id ON reads (post_id);
