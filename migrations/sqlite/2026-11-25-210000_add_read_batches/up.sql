-- Reads that have been counted and are not in `days` and `post_days` yet, one row for each batch. Older versions count in `days`
-- at once, and use `post_reads` only for `post_days`: if they found these rows there, the numbers for `days` would be lost.
CREATE TABLE read_batches (
    id INTEGER PRIMARY KEY NOT NULL,
    day BIGINT NOT NULL,
    -- The post or page of each read, separated by commas.
    post_ids TEXT NOT NULL,
    -- What to add to the columns of `days` with these names.
    reads BIGINT NOT NULL,
    readers BIGINT NOT NULL,
    anonymous_reads BIGINT NOT NULL DEFAULT 0,
    anonymous_readers BIGINT NOT NULL DEFAULT 0,
    subscriber_reads BIGINT NOT NULL DEFAULT 0,
    subscriber_readers BIGINT NOT NULL DEFAULT 0
);
