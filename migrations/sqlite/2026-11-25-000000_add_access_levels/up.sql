-- Who may read a post: `metered` costs a read, `free` costs nothing and needs no session, `subscribers` is for subscribers.
ALTER TABLE posts ADD COLUMN access TEXT NOT NULL DEFAULT 'metered'
    CHECK (access IN ('metered', 'free', 'subscribers'));
-- The free posts are looked up for readers without a session.
CREATE INDEX posts_free ON posts (id) WHERE access = 'free' AND published;
