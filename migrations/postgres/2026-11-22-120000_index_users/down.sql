DROP INDEX users_email_prefix;
DROP INDEX users_username_prefix;
DROP INDEX users_role;
