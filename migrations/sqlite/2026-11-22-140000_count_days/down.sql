DROP TRIGGER users_deleted;
CREATE TABLE old_reads (
    id INTEGER PRIMARY KEY NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    post_id BIGINT NOT NULL,
    read_at BIGINT NOT NULL,
    metered BOOLEAN NOT NULL
);
-- With new ids, because those of different users may be the same.
INSERT INTO old_reads (user_id, post_id, read_at, metered)
SELECT user_id, post_id, read_at, metered FROM reads ORDER BY read_at, id;
DROP TABLE reads;
ALTER TABLE old_reads RENAME TO reads;
CREATE INDEX reads_user_id ON reads (user_id, read_at);
CREATE INDEX reads_read_at ON reads (read_at);
CREATE UNIQUE INDEX reads_free ON reads (user_id, post_id, (read_at / 86400000)) WHERE NOT metered;
DELETE FROM meters WHERE period_started_at = 0;
ALTER TABLE meters DROP COLUMN last_read;
DROP TABLE post_reads;
DROP TABLE post_days;
DROP TABLE days;
