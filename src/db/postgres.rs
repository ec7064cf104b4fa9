//! Connections to a PostgreSQL server.

use std::time::Duration;

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::BigInt};
use diesel_async::AsyncPgConnection;
use tokio_postgres::{Client, Config, Connection, Socket, tls::MakeTlsConnect};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    address,
    connection::DbConnection,
    error::{DbError, with_causes},
    pg_connection::block_on,
    tls::{self, TlsConfig},
};

/// How long to wait for a connection, unless the connection string says otherwise.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

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
