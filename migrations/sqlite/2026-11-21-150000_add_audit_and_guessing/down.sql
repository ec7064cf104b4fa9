DROP TRIGGER users_disabled;
DROP TABLE registrations;
DROP TABLE failed_passwords;
DROP TABLE audit;
ALTER TABLE sessions DROP COLUMN user_agent;
ALTER TABLE sessions DROP COLUMN ip;
ALTER TABLE sessions DROP COLUMN fresh_until;
ALTER TABLE users DROP COLUMN password_version;
