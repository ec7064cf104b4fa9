DROP TRIGGER users_truncated ON users;
DROP FUNCTION users_truncated;
DROP TRIGGER users_deleted ON users;
DROP FUNCTION users_deleted;
DROP TRIGGER reads_not_metered ON reads;
DROP FUNCTION reads_not_metered;
CREATE INDEX reads_user_id ON reads (user_id, read_at);
ALTER TABLE reads DROP CONSTRAINT reads_pkey, ADD CONSTRAINT new_reads_pkey PRIMARY KEY (id);
ALTER TABLE reads
ADD CONSTRAINT new_reads_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
