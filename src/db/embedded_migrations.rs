use diesel_migrations::{EmbeddedMigrations, embed_migrations};

pub const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
/// Has a migration of the same name for each of SQLite's.
pub const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
