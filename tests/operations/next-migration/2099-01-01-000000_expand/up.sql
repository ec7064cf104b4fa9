-- Everything that an expanding migration may do: add columns that older versions ignore, tables and indexes.
ALTER TABLE users ADD COLUMN nickname TEXT;
ALTER TABLE users ADD COLUMN color BIGINT NOT NULL DEFAULT 7;
CREATE TABLE notes (id BIGINT PRIMARY KEY NOT NULL, user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE);
CREATE INDEX users_nickname ON users (nickname);
