DROP INDEX posts_free;
ALTER TABLE posts DROP COLUMN access;
