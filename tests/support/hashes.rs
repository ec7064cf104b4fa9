//! Passwords with the hashes that other programs made of them, and the hashes that the server stores.

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use serde::Deserialize;
use tollgate::db::{DbConnection, DbError};

use super::server::TestServer;

/// A password and its hash.
#[derive(Deserialize)]
pub(crate) struct Vector {
    pub(crate) made_by: String,
    pub(crate) password: String,
    pub(crate) hash: String,
}

/// Expensive hashes last: once one is stored, every wrong password takes as long as that one.
pub(crate) fn vectors() -> Vec<Vector> {
    let mut vectors: Vec<Vector> = serde_json::from_str(include_str!("../vectors/password_hashes.json")).unwrap();
    vectors.sort_by_key(|vector| ["1000000", "32768", "65536"].iter().any(|cost| vector.hash.contains(cost)));
    vectors
}

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = Text)]
    password_hash: String,
}

/// The hash that is stored for a user.
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
