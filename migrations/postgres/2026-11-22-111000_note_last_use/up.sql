-- When the user last signed in or used a session, to within a day; NULL if nobody has noted it yet. Sessions and audit events
-- cannot tell it, because they are deleted after a while.
ALTER TABLE users ADD COLUMN last_seen_at BIGINT;
CREATE INDEX users_last_seen_at ON users (last_seen_at);
