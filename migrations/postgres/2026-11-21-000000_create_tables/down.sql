DROP TABLE reads;
DROP TABLE meters;
DROP TABLE posts;
DROP TABLE sessions;
DROP TABLE users;
