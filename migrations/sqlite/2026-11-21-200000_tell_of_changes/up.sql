-- SQLite tells by itself that another process has written: `PRAGMA data_version`.
SELECT 1;
