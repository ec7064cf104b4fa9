-- Links with which subscribers give away a post.
CREATE TABLE gifts (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    -- The token is a MAC of it under a key derived from SECRET_KEY: the link can be shown again, and this table alone opens
    -- nothing.
    seed BLOB NOT NULL,
    -- SHA-256 of the token.
    token_hash BLOB NOT NULL CONSTRAINT gifts_token_unique UNIQUE,
    -- How many readers may open the post, and how many have.
    opens BIGINT NOT NULL,
    opened BIGINT NOT NULL DEFAULT 0 CHECK (opened <= opens),
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    -- A revoked gift still counts against the quota of its user.
    revoked_at BIGINT
);
CREATE INDEX gifts_user_id ON gifts (user_id, created_at);
CREATE INDEX gifts_post_id ON gifts (post_id);
CREATE INDEX gifts_revoked_at ON gifts (revoked_at);
CREATE INDEX gifts_expires_at ON gifts (expires_at);

-- Who has opened a gift: opening it again costs nothing.
CREATE TABLE gift_opens (
    gift_id BIGINT NOT NULL REFERENCES gifts (id) ON DELETE CASCADE,
    -- The id of a user, or that of an anonymous reader, which is negative. No reference, as in `reads`.
    opener BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    PRIMARY KEY (gift_id, opener)
);
CREATE INDEX gift_opens_opener ON gift_opens (opener);
