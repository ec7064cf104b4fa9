-- The pages of other applications that were read. `reads` refers to them by negative numbers: -3 is the resource 3.
CREATE TABLE resources (
    -- An id is not given out again: reads may refer to a resource that is gone.
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- In its canonical spelling, without the query.
    path TEXT NOT NULL CONSTRAINT resources_path_unique UNIQUE CHECK (length(path) <= 2048),
    -- The latest day on which it was read, in days since 1970-01-01, UTC.
    used_on BIGINT NOT NULL
);
CREATE INDEX resources_used_on ON resources (used_on);
