//! The four requests with axum, axum-login and SQLx, for the benchmark beside tollgate.

mod auth;
mod database;
mod error;
mod posts;

use std::{env, net::Ipv4Addr};

use axum::{
    Router,
    routing::{get, post},
};
use axum_login::{
    AuthManagerLayerBuilder,
    tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite, cookie::time::Duration},
};
use tower_sessions_sqlx_store::SqliteStore;

use auth::Backend;
use database::Database;

#[derive(Clone)]
struct App {
    database: Database,
    reads_limit: i64,
}

fn setting(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is not set"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::open(&setting("DATABASE")?).await?;
    let store = SqliteStore::new(database.pool.clone());
    store.migrate().await?;
    let sessions = SessionManagerLayer::new(store)
        .with_secure(false)
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(Duration::days(1)));
    let backend = Backend { database: database.clone(), bcrypt_cost: setting("BCRYPT_COST")?.parse()? };
    let router = Router::new()
        .route("/register", post(auth::register))
        .route("/login", post(auth::login))
        .route("/check_session", get(auth::check_session))
        .route("/blog/{id}", get(posts::read))
        .layer(AuthManagerLayerBuilder::new(backend, sessions).build())
        .with_state(App { database, reads_limit: setting("READS_LIMIT")?.parse()? });
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, setting("PORT")?.parse::<u16>()?)).await?;
    axum::serve(listener, router).await?;
    Ok(())
}
