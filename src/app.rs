//! The whole, put together: `main` and the tests start it alike.

use std::{io, net::SocketAddr, path::Path, pin::pin, time::Duration};

use actix_web::{
    HttpServer,
    dev::{Server, ServerHandle},
    rt::{
        self,
        signal::unix::{SignalKind, signal},
        task::JoinHandle,
    },
    web::Data,
};
use futures_util::future::select;
use tokio::sync::Semaphore;

use crate::{
    auth::{Hasher, Verifier},
    clock::Clock,
    config::{Config, DatabaseUrl, SecretKey},
    db::{Db, DbError},
    http::{self, AppState, CookieKeys},
    paywall::{self, PostCache},
    session::DbSessionStore,
    sweeper,
};

/// Where a key is kept that was not set, in the folder that the server is started in.
pub const KEY_FILE: &str = "tollgate.key";

/// How often rows that are over are deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(10 * 60);

/// How long a request's head may take, as long as a body: on a machine that is busy, actix's own five seconds turn away
/// who has done nothing wrong, and a connection that waits costs little.
const HEAD_WITHIN: Duration = Duration::from_secs(15);

/// How long requests in flight may take after the signal to stop, seconds: more than a query is waited for.
const SHUTDOWN_TIMEOUT: u64 = 20;

/// Why the server does not start. Each is one line, for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database is away or is none.
    #[error("DATABASE_URL: {0}")]
    Database(#[from] DbError),
    /// The key cannot be read or made.
    #[error("SECRET_KEY: {KEY_FILE}: {0}")]
    Key(io::Error),
    /// The port is taken, or the address is not this machine's.
    #[error("HOST, PORT: cannot listen on {address}: {cause}")]
    Listen {
        /// What was asked for.
        address: String,
        /// What the system says.
        cause: io::Error,
    },
    /// The system has no room for a thread.
    #[error("no thread: {0}")]
    Thread(io::Error),
}

/// A server that listens, and serves once it is run.
#[expect(missing_debug_implementations, reason = "the server has none")]
pub struct Application {
    server: Server,
    addresses: Vec<SocketAddr>,
    state: Data<AppState>,
}

impl Application {
    /// Opens the database, starts the threads and listens.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn build(config: Config, clock: Clock) -> Result<Self, StartError> {
        let secret = match &config.cookie.secret_key {
            Some(secret) => secret.clone(),
            None => own_key(&config)?,
        };
        let keys = CookieKeys::new(&secret, config.cookie.old_secret_key.as_ref());
        let db = open_database(&config, clock.clone()).await?;
        if config.session.cache > 0 {
            db.watch()?;
        }
        let hasher = Hasher::start(config.password.cost, config.password.hash_threads, config.password.hash_queue)
            .map_err(StartError::Thread)?;

        let (host, port) = (config.server.host.clone(), config.server.port);
        let verifier = Verifier { db: db.clone(), hasher, is_throttled: config.password.throttle };
        let store = DbSessionStore::new(db.clone(), clock.clone(), config.session);
        let posts = PostCache::new(db.clone());
        let state =
            Data::new(AppState { db, verifier, webhook_turn: Semaphore::new(1), store, posts, keys, clock, config });
        let shared = state.clone();
        let server = HttpServer::new(move || http::app(shared.clone()))
            .client_request_timeout(HEAD_WITHIN)
            .shutdown_timeout(SHUTDOWN_TIMEOUT)
            // actix would drop requests in flight on SIGINT, which is how a server in a terminal is stopped.
            .disable_signals()
            .bind((host.as_str(), port))
            .map_err(|cause| StartError::Listen { address: format!("{host}:{port}"), cause })?;
        let addresses = server.addrs();
        Ok(Self { server: server.run(), addresses, state })
    }

    /// Where it listens.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Its database.
    #[must_use]
    pub fn db(&self) -> Db {
        self.state.db.clone()
    }

    /// Serves until SIGINT or SIGTERM; requests in flight are finished.
    ///
    /// # Errors
    /// The system's own.
    pub async fn run_until_stopped(self) -> io::Result<()> {
        let background = [rt::spawn(sweep_forever(self.state)), rt::spawn(stop_on_signal(self.server.handle()))];
        let stopped = self.server.await;
        background.iter().for_each(JoinHandle::abort);
        stopped
    }
}

fn own_key(config: &Config) -> Result<SecretKey, StartError> {
    if matches!(config.database, DatabaseUrl::Postgres(_)) {
        tracing::warn!("SECRET_KEY is not set: sessions of this node are none on another, which has a key of its own");
    }
    SecretKey::load_or_create(Path::new(KEY_FILE)).map_err(StartError::Key)
}

/// Opens the database and brings its schema up to date; a new one gets sample posts, where these are wanted.
///
/// # Errors
/// See [`Db::open`].
pub async fn open_database(config: &Config, clock: Clock) -> Result<Db, DbError> {
    let (url, seed) = (config.database.clone(), config.server.seed_demo);
    let open = move || {
        Db::open(&url, |connection| if seed { paywall::samples::insert(connection, clock.now()) } else { Ok(()) })
    };
    // Opening blocks: it may wait for another node's migrations.
    rt::task::spawn_blocking(open).await.unwrap_or_else(|fault| Err(DbError::Query(fault.to_string())))
}

async fn stop_on_signal(server: ServerHandle) {
    match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            select(pin!(interrupt.recv()), pin!(terminate.recv())).await;
            server.stop(true).await;
        }
        (Err(fault), _) | (_, Err(fault)) => tracing::error!(%fault, "signals are not listened for"),
    }
}

async fn sweep_forever(state: Data<AppState>) {
    let mut ticks = rt::time::interval(SWEEP_EVERY);
    loop {
        ticks.tick().await;
        match sweeper::sweep(&state.db, state.clock.now(), state.config.log.audit_keep).await {
            Ok(0) => {}
            Ok(swept) => tracing::info!(swept, "deleted rows that are over"),
            Err(fault) => tracing::warn!(%fault, "could not delete rows that are over"),
        }
    }
}
