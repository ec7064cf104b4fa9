//! Detects a pooler between the server and PostgreSQL.

use std::{collections::HashSet, pin::pin};

use futures_util::future::{Either, select, try_join};
use tokio::time::timeout;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::{
    error::DbError,
    pg_connection::block_on,
    postgres::{CONNECT_TIMEOUT, Server},
};

/// Detects a pooler in transaction mode, which assigns a server connection per transaction. Blocks.
///
/// A pooler cannot be asked: it forwards `SHOW pool_mode` to the server, which does not know it. So this compares
/// server processes: without such a pooler, two open connections never share a process and one connection never has
/// two.
///
/// # Errors
/// The server is unreachable or refuses the connection.
pub fn pools_transactions(url: &str) -> Result<bool, DbError> {
    detect(&Server::parse(url)?)
}

/// Explains why the schema cannot be read or migrated: prepared statements fail behind such a pooler, in the server's
/// language and with texts such as "prepared statement already exists". Blocks.
pub(super) fn explain(server: &Server, error: DbError) -> DbError {
    match error {
        DbError::Unavailable(_) | DbError::Query(_) if detect(server).unwrap_or(false) => DbError::TransactionPooler,
        error => error,
    }
}

fn detect(server: &Server) -> Result<bool, DbError> {
    block_on(async {
        let ((one, one_socket), (other, other_socket)) = try_join(server.connect_raw(), server.connect_raw()).await?;
        let query = async {
            let mut processes = [HashSet::new(), HashSet::new()];
            // Alternate: a pooler that rotates its server connections soon gives one client two of them.
            for _ in 0..5 {
                for (client, processes) in [&one, &other].into_iter().zip(&mut processes) {
                    processes.insert(process(client).await?);
                }
            }
            let [of_one, of_other] = processes;
            Ok(of_one.len() > 1 || of_other.len() > 1 || of_one == of_other)
        };
        let drive = async { try_join(one_socket, other_socket).await.map_err(|error| DbError::unavailable(&error)) };
        // A pooler in session mode with a single server connection makes the second client wait forever.
        match select(pin!(timeout(CONNECT_TIMEOUT, query)), pin!(drive)).await {
            Either::Left((found, _)) => found.unwrap_or(Ok(false)),
            Either::Right((ended, _)) => {
                Err(ended.err().unwrap_or_else(|| DbError::Unavailable("the server closed the connection".to_owned())))
            }
        }
    })?
}

/// Returns the id of the server process that answers. Does not use a prepared statement, which may fail behind a pooler
/// in transaction mode.
async fn process(client: &Client) -> Result<Option<String>, DbError> {
    let messages =
        client.simple_query("SELECT pg_backend_pid()").await.map_err(|error| DbError::unavailable(&error))?;
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    Ok(row)
}
