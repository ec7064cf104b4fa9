DROP TABLE stripe_events;
DROP TABLE customers;
DROP TABLE subscriptions;
DROP TABLE refusals;
CREATE TABLE old_reads (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    charged_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, post_id)
);
INSERT INTO old_reads (user_id, post_id, charged_at)
SELECT user_id, post_id, max(read_at) FROM reads WHERE metered AND post_id IN (SELECT id FROM posts) GROUP BY user_id, post_id;
DROP TABLE reads;
ALTER TABLE old_reads RENAME TO reads;
CREATE INDEX reads_post_id ON reads (post_id);
ALTER TABLE users DROP COLUMN subscribed_until;
ALTER TABLE posts DROP COLUMN slug;
