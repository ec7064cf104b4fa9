-- The parts of a day's numbers that are due to readers without a session and to subscribers. The rest is due to other users.
-- Older versions add nothing to these columns.
ALTER TABLE days ADD COLUMN anonymous_reads BIGINT NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN anonymous_refusals BIGINT NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN anonymous_readers BIGINT NOT NULL DEFAULT 0;
-- How many readers registered. Who they are is not recorded.
ALTER TABLE days ADD COLUMN anonymous_conversions BIGINT NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN subscriber_reads BIGINT NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN subscriber_readers BIGINT NOT NULL DEFAULT 0;
