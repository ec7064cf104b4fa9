ALTER TABLE days DROP COLUMN subscriber_readers;
ALTER TABLE days DROP COLUMN subscriber_reads;
ALTER TABLE days DROP COLUMN anonymous_conversions;
ALTER TABLE days DROP COLUMN anonymous_readers;
ALTER TABLE days DROP COLUMN anonymous_refusals;
ALTER TABLE days DROP COLUMN anonymous_reads;
