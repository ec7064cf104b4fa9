-- For operators, who list the admins among any number of users, and look users up by how their name or address starts: an
-- index in the order of the database's language cannot find that.
-- https://www.postgresql.org/docs/current/indexes-opclass.html
CREATE INDEX users_role ON users (role, is_active, id);
CREATE INDEX users_username_prefix ON users (username_key COLLATE "C");
CREATE INDEX users_email_prefix ON users (email_key COLLATE "C");
