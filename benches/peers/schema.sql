-- The tables of the peers. The store of the sessions, if any, adds its own.
PRAGMA journal_mode = WAL;

CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    username TEXT NOT NULL UNIQUE COLLATE NOCASE,
    password_hash TEXT NOT NULL
);

CREATE TABLE posts (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    data TEXT NOT NULL,
    excerpt TEXT NOT NULL
);

CREATE TABLE meters (
    user_id INTEGER PRIMARY KEY REFERENCES users (id),
    period_started_at INTEGER NOT NULL,
    used INTEGER NOT NULL
);
