-- Older versions would take these for reads of posts.
DELETE FROM reads WHERE post_id < 0;
DROP TABLE resources;
