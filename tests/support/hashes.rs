//! Passwords as other programs have hashed them, and as they are stored.

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use serde::Deserialize;
use tollgate::db::{DbConnection, DbError};

use super::server::TestServer;

/// A password and what a program made of it.
#[derive(Deserialize)]
pub(crate) struct Vector {
    pub(crate) made_by: String,
    pub(crate) password: String,
    pub(crate) hash: String,
}

pub(crate) fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("../vectors/password_hashes.json")).unwrap()
}

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = Text)]
    password_hash: String,
}

/// What is stored for a user.
pub(crate) async fn stored(server: &TestServer, username_key: &str) -> String {
    let sql = format!("SELECT password_hash FROM users WHERE username_key = '{username_key}'");
    let read = move |connection: &mut DbConnection| -> Result<Stored, DbError> {
        Ok(match connection {
            DbConnection::Sqlite(c) => sql_query(sql).get_result(c)?,
            DbConnection::Postgres(c) => sql_query(sql).get_result(c)?,
        })
    };
    server.database.open().await.read(read).await.unwrap().password_hash
}
