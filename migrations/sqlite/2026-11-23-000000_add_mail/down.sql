DROP TABLE mail_requests;
DROP TABLE one_time_tokens;
DROP TABLE outbox;
DROP TRIGGER users_email_changed;
DROP INDEX users_unverified_email_key;
ALTER TABLE users DROP COLUMN unverified_email_key;
ALTER TABLE users DROP COLUMN pending_email;
ALTER TABLE users DROP COLUMN email_verified_at;
