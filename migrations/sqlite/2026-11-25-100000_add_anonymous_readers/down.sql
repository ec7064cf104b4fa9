DELETE FROM reads WHERE user_id < 0;
DROP TABLE anonymous_meters;
