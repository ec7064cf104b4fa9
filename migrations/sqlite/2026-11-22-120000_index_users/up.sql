-- For operators, who list the admins among any number of users. Names and addresses have an index each that finds them by
-- how they start.
CREATE INDEX users_role ON users (role, is_active, id);
