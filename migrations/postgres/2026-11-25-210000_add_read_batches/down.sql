INSERT INTO days (day, reads, readers, anonymous_reads, anonymous_readers, subscriber_reads, subscriber_readers)
SELECT
    day, CAST(sum(reads) AS BIGINT), CAST(sum(readers) AS BIGINT),
    CAST(sum(anonymous_reads) AS BIGINT), CAST(sum(anonymous_readers) AS BIGINT),
    CAST(sum(subscriber_reads) AS BIGINT), CAST(sum(subscriber_readers) AS BIGINT)
FROM read_batches WHERE TRUE GROUP BY day
ON CONFLICT (day, shard) DO UPDATE SET
    reads = days.reads + excluded.reads, readers = days.readers + excluded.readers,
    anonymous_reads = days.anonymous_reads + excluded.anonymous_reads,
    anonymous_readers = days.anonymous_readers + excluded.anonymous_readers,
    subscriber_reads = days.subscriber_reads + excluded.subscriber_reads,
    subscriber_readers = days.subscriber_readers + excluded.subscriber_readers,
    has_reads = TRUE;
INSERT INTO post_reads (day, post_ids) SELECT day, post_ids FROM read_batches;
DROP TABLE read_batches;
