//! The schema, the query executor, cache invalidation and the session store, on SQLite and on PostgreSQL.

mod background;
mod executor;
mod invalidation;
mod post_lists;
mod reads;
mod roles;
mod schema;
mod store;
mod tls;
mod upgrade;
mod user_search;
mod users;
