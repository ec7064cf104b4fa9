-- Who may read a post: `metered` costs a read, `free` costs nothing and needs no session, `subscribers` is for subscribers.
ALTER TABLE posts ADD COLUMN access TEXT NOT NULL DEFAULT 'metered'
    CONSTRAINT posts_access_check CHECK (access IN ('metered', 'free', 'subscribers'));
-- The free posts are looked up for readers without a session.
CREATE INDEX posts_free ON posts (id) WHERE access = 'free' AND published;
-- Servers cache which posts are free, so they are told of new posts too.
DROP TRIGGER tell_of_change ON posts;
CREATE TRIGGER tell_of_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON posts
FOR EACH STATEMENT EXECUTE FUNCTION tell_of_table();
