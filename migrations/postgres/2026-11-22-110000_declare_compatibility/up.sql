-- Which binaries can work with this schema. A migration that an older binary cannot work with inserts the version of the
-- first migration whose binary can, such as '20270301090000' for 2027-03-01-090000_drop_slug; its down.sql deletes that row.
-- The greatest version counts. Expanding migrations insert nothing, and an empty table lets every binary serve.
CREATE TABLE schema_compatibility (
    compatible_since TEXT PRIMARY KEY NOT NULL
);
