-- Statistics are counted as things happen, not searched for. They name no user, and stay when reads and accounts are deleted.
CREATE TABLE days (
    -- Days since 1970-01-01, UTC.
    day BIGINT NOT NULL,
    -- On PostgreSQL a day has eight rows, so that connections rarely wait for each other's commit.
    shard BIGINT NOT NULL DEFAULT 0,
    reads BIGINT NOT NULL DEFAULT 0,
    refusals BIGINT NOT NULL DEFAULT 0,
    -- Users who read something.
    readers BIGINT NOT NULL DEFAULT 0,
    -- Subscriptions of deleted accounts that started on this day; the others are in `subscriptions`.
    conversions BIGINT NOT NULL DEFAULT 0,
    -- Whether `reads` may still have rows of this day.
    has_reads BOOLEAN NOT NULL DEFAULT TRUE,
    PRIMARY KEY (day, shard)
) WITHOUT ROWID;
CREATE TABLE post_days (
    day BIGINT NOT NULL,
    post_id BIGINT NOT NULL,
    reads BIGINT NOT NULL,
    PRIMARY KEY (day, post_id)
) WITHOUT ROWID;
-- Reads to be added to `post_days`, one row for each batch that was counted: a batch is of many posts.
CREATE TABLE post_reads (
    id INTEGER PRIMARY KEY NOT NULL,
    day BIGINT NOT NULL,
    -- The post of each read, separated by commas.
    post_ids TEXT NOT NULL
);
INSERT INTO days (day, reads, readers)
SELECT read_at / 86400000, count(*), count(DISTINCT user_id) FROM reads GROUP BY 1;
INSERT INTO days (day, refusals) SELECT day, sum(count) FROM refusals WHERE TRUE GROUP BY day
ON CONFLICT (day, shard) DO UPDATE SET refusals = excluded.refusals;
INSERT INTO post_days (day, post_id, reads) SELECT read_at / 86400000, post_id, count(*) FROM reads GROUP BY 1, 2;

-- The id of the user's latest read: the day times 2^32, plus the number of the read within this day. It numbers the reads of
-- a user, and tells whether a read is the user's first of the day.
ALTER TABLE meters ADD COLUMN last_read BIGINT NOT NULL DEFAULT 0;
UPDATE meters SET last_read = (SELECT max(read_at) / 86400000 * 4294967296 + 1 FROM reads)
WHERE user_id IN (SELECT user_id FROM reads WHERE read_at >= (SELECT max(read_at) / 86400000 * 86400000 FROM reads));

-- A read is one row in one tree, next to the user's other reads: no index beside it, and no look at the user, whose meter
-- has just been changed.
CREATE TABLE new_reads (
    -- Unique among the user's. The default is for older versions, which leave it out.
    id BIGINT NOT NULL DEFAULT (random() & 4294967295),
    user_id BIGINT NOT NULL,
    -- No reference: a read stays counted when its post is gone.
    post_id BIGINT NOT NULL,
    read_at BIGINT NOT NULL,
    metered BOOLEAN NOT NULL,
    PRIMARY KEY (user_id, read_at, id)
) WITHOUT ROWID;
INSERT INTO new_reads SELECT id, user_id, post_id, read_at, metered FROM reads ORDER BY user_id, read_at, id;
DROP TABLE reads;
ALTER TABLE new_reads RENAME TO reads;
CREATE UNIQUE INDEX reads_free ON reads (user_id, post_id, (read_at / 86400000)) WHERE NOT metered;
CREATE TRIGGER users_deleted AFTER DELETE ON users
BEGIN
    DELETE FROM reads WHERE user_id = OLD.id;
END;
