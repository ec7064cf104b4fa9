CREATE TABLE old_meters (
    user_id BIGINT PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    period_started_at BIGINT NOT NULL,
    used BIGINT NOT NULL
);
INSERT INTO old_meters SELECT user_id, period_started_at, used FROM meters;
DROP TABLE meters;
ALTER TABLE old_meters RENAME TO meters;

CREATE TABLE old_reads (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    post_id BIGINT NOT NULL,
    read_at BIGINT NOT NULL,
    metered BOOLEAN NOT NULL
);
INSERT INTO old_reads SELECT id, user_id, post_id, read_at, metered FROM reads;
DROP TABLE reads;
ALTER TABLE old_reads RENAME TO reads;
CREATE INDEX reads_user_id ON reads (user_id, read_at);
CREATE INDEX reads_read_at ON reads (read_at);
CREATE UNIQUE INDEX reads_free ON reads (user_id, post_id, (read_at / 86400000)) WHERE NOT metered;
