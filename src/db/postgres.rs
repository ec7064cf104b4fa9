//! Connections to a PostgreSQL server.

use std::{collections::HashSet, io, pin::pin, time::Duration};

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::BigInt};
use diesel_async::{
    AsyncPgConnection,
    async_connection_wrapper::{AsyncConnectionWrapper, BlockOn},
};
use futures_util::future::{Either, select, try_join};
use tokio::{
    runtime::{Builder, Runtime},
    task::yield_now,
    time::timeout,
};
use tokio_postgres::{Client, Config, Connection, SimpleQueryMessage, Socket, tls::MakeTlsConnect};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    connection::DbConnection,
    error::{DbError, with_causes},
    tls::{self, TlsConfig},
};

/// A server that does not answer in this time is away.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long unacknowledged data may be on the way before the connection counts as lost.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(10);

/// No statement here takes long: one that does is stuck, and would keep its thread from all others.
/// Where the cluster's default is not to wait for the disk, these do: what is answered is kept.
const SESSION_SETTINGS: &str = "SET statement_timeout = '10s'; \
    SET idle_in_transaction_session_timeout = '30s'; \
    SELECT set_config('synchronous_commit', 'on', false) \
    WHERE current_setting('synchronous_commit') = 'off';";

thread_local! {
    /// Drives the one connection of this thread, and only while a query waits, so that no other
    /// thread has to be woken for an answer.
    static RUNTIME: io::Result<Runtime> = Builder::new_current_thread().enable_all().build();
}

/// An asynchronous connection, used as a blocking one by the thread that owns it.
pub type PgConnection = AsyncConnectionWrapper<AsyncPgConnection, ThreadRuntime>;

/// What carries the messages of a connection, until somebody drives it.
pub(super) type RawConnection = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// Blocks this thread on its own runtime.
#[derive(Debug)]
pub struct ThreadRuntime(());

impl BlockOn for ThreadRuntime {
    #[expect(clippy::expect_used, reason = "a connection exists: `connect` has run on this thread")]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        RUNTIME.with(|runtime| runtime.as_ref().expect("the runtime it was made on").block_on(future))
    }

    fn get_runtime() -> Self {
        Self(())
    }
}

/// Where the server is, and how to speak to it. Parsed once, at start.
#[derive(Clone)]
pub(super) struct Server {
    config: Config,
    tls: TlsConfig,
}

impl Server {
    /// Reads a connection string: libpq's, TLS parameters included.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(url: &str) -> Result<Self, DbError> {
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
        Ok(Self { config, tls })
    }

    /// Connects, for the thread that it is called on.
    ///
    /// # Errors
    /// The server is away or does not let us in.
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

    /// A connection without Diesel, which whoever called drives.
    ///
    /// # Errors
    /// The server is away or does not let us in.
    pub(super) async fn connect_raw(&self) -> Result<(Client, RawConnection), DbError> {
        let connected = self.config.connect(self.tls.connector()).await;
        connected.map_err(|error| DbError::unavailable(&error))
    }
}

/// Blocks this thread on its own runtime.
///
/// # Errors
/// The system has no room for a runtime.
pub(super) fn block_on<F: Future>(future: F) -> Result<F::Output, DbError> {
    RUNTIME.with(|runtime| match runtime {
        Ok(runtime) => Ok(runtime.block_on(future)),
        Err(error) => Err(DbError::unavailable(error)),
    })
}

/// Lets the connection's task look at its socket, so that it learns of a server that hung up while the thread was
/// idle. The runtime polls the socket at the first yield, and the task that it wakes runs at the second.
pub(super) fn poll_socket() {
    RUNTIME.with(|runtime| {
        if let Ok(runtime) = runtime {
            runtime.block_on(async {
                yield_now().await;
                yield_now().await;
            });
        }
    });
}

/// Whether a pooler gives each transaction another connection. Blocks.
///
/// Nothing that a pooler answers tells: it passes `SHOW pool_mode` on to the server, which does not know it. But two
/// connections that are open at once never have one server process, and one connection never has two.
///
/// # Errors
/// The database is away or does not let us in.
pub fn pools_transactions(url: &str) -> Result<bool, DbError> {
    let server = Server::parse(url)?;
    block_on(async {
        let ((one, one_socket), (other, other_socket)) = try_join(server.connect_raw(), server.connect_raw()).await?;
        let ask = async {
            let mut processes = [HashSet::new(), HashSet::new()];
            // In turns: a pooler that goes round its connections has two for one of us soon.
            for _ in 0..5 {
                for (client, known) in [&one, &other].into_iter().zip(&mut processes) {
                    known.insert(process(client).await?);
                }
            }
            let [of_one, of_other] = processes;
            Ok(of_one.len() > 1 || of_other.len() > 1 || of_one == of_other)
        };
        let drive = async { try_join(one_socket, other_socket).await.map_err(|error| DbError::unavailable(&error)) };
        // A pooler that has one connection for both, and keeps it for a session, lets the other wait for good.
        match select(pin!(timeout(CONNECT_TIMEOUT, ask)), pin!(drive)).await {
            Either::Left((found, _)) => found.unwrap_or(Ok(false)),
            Either::Right((ended, _)) => {
                Err(ended.err().unwrap_or_else(|| DbError::Unavailable("it hung up".to_owned())))
            }
        }
    })?
}

/// Which process of the server answers. Not a prepared statement, with which such a pooler cannot deal.
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

/// What `max_connections` is.
pub(super) fn max_connections(connection: &mut DbConnection) -> Result<Option<i64>, DbError> {
    let DbConnection::Postgres(connection) = connection else { return Ok(None) };
    let setting = sql_query("SELECT current_setting('max_connections')::bigint AS number");
    Ok(Some(setting.get_result::<Number>(connection)?.number))
}
