DROP TRIGGER reads_not_metered ON reads;
CREATE TRIGGER reads_not_metered AFTER INSERT ON reads
FOR EACH ROW WHEN (NOT NEW.metered) EXECUTE FUNCTION reads_not_metered();
-- Those of different users may be the same.
UPDATE reads SET id = nextval(pg_get_serial_sequence('reads', 'id'));
CREATE INDEX reads_read_at ON reads (read_at);
DELETE FROM meters WHERE period_started_at = 0;
ALTER TABLE meters DROP COLUMN last_read;
DROP TABLE post_reads;
DROP TABLE post_days;
DROP TABLE days;
