//! The database: its schema, its doors and the session store, on SQLite and on PostgreSQL.

mod background;
mod executor;
mod invalidation;
mod reads;
mod roles;
mod schema;
mod store;
mod tls;
mod upgrade;
mod users;
