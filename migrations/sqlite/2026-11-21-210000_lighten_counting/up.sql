-- A counted read changes as few pages as it can. Declared INTEGER, the user's id is the row's own; a BIGINT that is a
-- primary key is looked up in an index beside the table.
CREATE TABLE new_meters (
    user_id INTEGER PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    period_started_at BIGINT NOT NULL,
    used BIGINT NOT NULL
);
INSERT INTO new_meters SELECT user_id, period_started_at, used FROM meters;
DROP TABLE meters;
ALTER TABLE new_meters RENAME TO meters;

-- Nobody is told the id of a read: it may be given again, and AUTOINCREMENT writes each one down elsewhere.
CREATE TABLE new_reads (
    id INTEGER PRIMARY KEY NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- No reference: a read stays counted when its post is gone.
    post_id BIGINT NOT NULL,
    read_at BIGINT NOT NULL,
    metered BOOLEAN NOT NULL
);
INSERT INTO new_reads SELECT id, user_id, post_id, read_at, metered FROM reads;
DROP TABLE reads;
ALTER TABLE new_reads RENAME TO reads;
CREATE INDEX reads_user_id ON reads (user_id, read_at);
CREATE INDEX reads_read_at ON reads (read_at);
CREATE UNIQUE INDEX reads_free ON reads (user_id, post_id, (read_at / 86400000)) WHERE NOT metered;
