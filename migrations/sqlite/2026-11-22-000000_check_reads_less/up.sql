-- SQLite has nothing to gain here: it has one writer, and looks a user up without writing anything.
SELECT 1;
