//! Connections to a PostgreSQL server.

use std::{collections::HashSet, pin::pin, time::Duration};

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::BigInt};
use diesel_async::AsyncPgConnection;
use futures_util::future::{Either, select, try_join};
use tokio::time::timeout;
use tokio_postgres::{Client, Config, Connection, SimpleQueryMessage, Socket, tls::MakeTlsConnect};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    address,
    connection::DbConnection,
    error::{DbError, with_causes},
    pg_connection::block_on,
    tls::{self, TlsConfig},
};

/// How long to wait for a connection, unless the connection string says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long sent data may stay unacknowledged before the connection is considered lost.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(10);

/// No query takes long by design: one that does is stuck and would block its thread. `synchronous_commit` is turned on
/// if the cluster's default is off, so that acknowledged writes are durable.
const SESSION_SETTINGS: &str = "SET statement_timeout = '10s'; \
    SET idle_in_transaction_session_timeout = '30s'; \
    SELECT set_config('synchronous_commit', 'on', false) \
    WHERE current_setting('synchronous_commit') = 'off';";

/// The future that drives a connection's I/O.
pub(super) type RawConnection = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// The parsed connection settings of a server.
#[derive(Clone)]
pub(super) struct Server {
    config: Config,
    tls: TlsConfig,
    /// Whether an error of the server may repeat a part of the password.
    is_ambiguous: bool,
}

impl Server {
    /// Parses a libpq connection string, including its TLS parameters.
    ///
    /// # Errors
    /// The string is invalid. The error does not contain the password.
    pub(super) fn parse(url: &str) -> Result<Self, DbError> {
        let (config, tls) = Self::parse_parts(url).map_err(|error| address::redact(url, error))?;
        Ok(Self { config, tls, is_ambiguous: address::is_ambiguous(url) })
    }

    fn parse_parts(url: &str) -> Result<(Config, TlsConfig), DbError> {
        let (url, parameters) = tls::split_parameters(url)?;
        let mut config: Config =
            url.parse().map_err(|error: tokio_postgres::Error| DbError::Url(with_causes(&error)))?;
        let tls = parameters.apply(&mut config)?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(TCP_USER_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name("tollgate");
        }
        Ok((config, tls))
    }

    /// Connects, for use on the calling thread only.
    ///
    /// # Errors
    /// The server is unreachable or refuses the connection.
    pub(super) fn connect(&self) -> Result<DbConnection, DbError> {
        let connection = block_on(self.establish())??;
        let mut connection = DbConnection::Postgres(connection.into());
        connection.batch_execute(SESSION_SETTINGS)?;
        Ok(connection)
    }

    async fn establish(&self) -> Result<AsyncPgConnection, DbError> {
        let (client, connection) = self.connect_raw().await?;
        AsyncPgConnection::try_from_client_and_connection(client, connection)
            .await
            .map_err(|error| DbError::unavailable(&error))
    }

    /// Opens a connection without Diesel. The caller must drive the returned [`RawConnection`].
    ///
    /// # Errors
    /// The server is unreachable or refuses the connection.
    pub(super) async fn connect_raw(&self) -> Result<(Client, RawConnection), DbError> {
        let connected = self.config.connect(self.tls.connector()).await;
        connected.map_err(|error| address::redact_refusal(self.is_ambiguous, DbError::unavailable(&error)))
    }
}

/// Detects a pooler in transaction mode, which assigns a server connection per transaction. Blocks.
///
/// A pooler cannot be asked: it forwards `SHOW pool_mode` to the server, which does not know it. So this compares
/// server processes: without such a pooler, two open connections never share a process and one connection never has
/// two.
///
/// # Errors
/// The server is unreachable or refuses the connection.
pub fn pools_transactions(url: &str) -> Result<bool, DbError> {
    let server = Server::parse(url)?;
    block_on(async {
        let ((one, one_socket), (other, other_socket)) = try_join(server.connect_raw(), server.connect_raw()).await?;
        let query = async {
            let mut processes = [HashSet::new(), HashSet::new()];
            // Alternate: a pooler that rotates its server connections soon gives one client two of them.
            for _ in 0..5 {
                for (client, known) in [&one, &other].into_iter().zip(&mut processes) {
                    known.insert(process(client).await?);
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

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

pub(super) fn max_connections(connection: &mut DbConnection) -> Result<Option<i64>, DbError> {
    let DbConnection::Postgres(connection) = connection else { return Ok(None) };
    let setting = sql_query("SELECT current_setting('max_connections')::bigint AS number");
    Ok(Some(setting.get_result::<Number>(connection)?.number))
}
