//! The complete application, started in the same way by `main` and the tests.

mod background;
mod event_loops;
mod listen;
mod metrics;
mod service_manager;
mod shutdown;
mod warnings;

use std::{io, net::SocketAddr, path::Path, pin::pin, sync::atomic::AtomicBool, time::Duration};

use actix_web::{rt, web::Data};
use futures_util::future::{Either, select};
use tokio::{
    sync::{Semaphore, oneshot},
    task::JoinHandle,
    time::timeout,
};

use self::{event_loops::EventLoops, listen::Listening, metrics::MetricsServer};
pub use self::{
    service_manager::ready,
    shutdown::{Signals, refuses_connections},
    warnings::{UNSAFE_SETTINGS, log_review},
};
use crate::{
    accounts::{
        Accounts,
        first_admin::{FirstAdmin, FirstAdminError, InvalidFirstAdmin},
        passwords::{Hasher, Verifier},
        second_factors::SeedKeys,
    },
    base::clock::Clock,
    config::{Config, DatabaseUrl, KEY_FILE, MailConfig, SecretKey, WebhookSecret},
    credentials::{api_tokens::Tokens, sessions::Sessions},
    db::{Db, DbError, Tx},
    edge::open_files,
    http::{
        AppState, BodySlots, CookieKeys, Look, RefusedOrigins, RequestMetrics, RunningExports, Site,
        openapi::ApiDescription,
    },
    jobs::{self, JobMetrics, Worker},
    mail::{self, Delivery, MailMetrics, Mailer, TemplateError, Texts, Transport, TransportError},
    openid::{Providers, TlsError},
    paywall::{
        Crawlers, MeterMetrics, gifts,
        posts::{PostCache, samples},
        statistics::recent::RecentContents,
    },
    users,
};

/// Maximum number of API tokens cached in memory; with fewer cached sessions, as many as those. Few programs have a
/// token.
const MAX_CACHED_TOKENS: usize = 10_000;

/// How long a stopping server waits for messages that are being sent.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(10);

/// Maximum number of webhook bodies received at once, of up to 256 KiB each. Stripe resends events that are refused.
const MAX_WEBHOOK_BODIES: usize = 64;

/// Why the server cannot start. Each message is one line, for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("DATABASE_URL")]
    Database(#[from] DbError),
    /// The key cannot be read or created.
    #[error("SECRET_KEY: {KEY_FILE}: {0}")]
    Key(io::Error),
    /// The port is in use, or the address does not belong to this machine.
    #[error("HOST, PORT: cannot listen on {address}: {cause}")]
    Listen { address: String, cause: io::Error },
    /// The metrics port is in use, or the address does not belong to this machine.
    #[error("METRICS_ADDR: cannot listen on {address}: {cause}")]
    Metrics { address: SocketAddr, cause: io::Error },
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
    #[error("MAIL_URL")]
    Mail(#[from] TransportError),
    #[error("MAIL_TEMPLATES")]
    Templates(#[from] TemplateError),
    #[error("OIDC_PROVIDERS")]
    Providers(#[from] TlsError),
    #[error("the first admin")]
    FirstAdmin(#[from] InvalidFirstAdmin),
    #[error("cannot add the first admin")]
    NoFirstAdmin(#[from] FirstAdminError),
}

/// A server that listens, and serves requests once it is run.
#[expect(missing_debug_implementations, reason = "the server has none")]
pub struct Application {
    listening: Listening,
    metrics: Option<MetricsServer>,
    event_loops: EventLoops,
    worker: Worker,
    /// `None` if email is off.
    delivery: Option<Delivery>,
    state: Data<AppState>,
}

impl Application {
    /// Opens the database, starts the threads and starts to listen.
    pub async fn build(config: Config, clock: Clock) -> Result<Self, StartError> {
        let first_admin = FirstAdmin::of(&config.password, config.mail.is_on())?;
        let db = open_database(&config, clock.clone()).await?;
        let secret = match &config.cookie.secret_key {
            Some(secret) => secret.clone(),
            None => own_key(&config, &db).await?,
        };
        if config.session.cache > 0 {
            db.watch()?;
        }
        let hasher = Hasher::start(config.password.cost, config.password.hash_threads, config.password.hash_queue)
            .map_err(StartError::Thread)?;

        let mail_metrics = MailMetrics::default();
        let delivery = delivery(&config, &secret, &db, &clock, &mail_metrics)?;
        let mailer = delivery.as_ref().map(|delivery| delivery.mailer.clone());
        let providers = Providers::new(&config.oidc, &config.server, &clock)?;
        let state = Data::new(state(config, clock, &secret, db, hasher, mailer, mail_metrics, providers));
        // Before the server listens, so that nobody else registers first.
        if let Some(admin) = first_admin
            && state.accounts.add_first_admin(admin, state.clock.now()).await?
        {
            tracing::info!("added the first admin; ADMIN_PASSWORD is no longer needed");
        }
        let worker = background::worker(&state)?;
        let event_loops = EventLoops::default();
        let connections = open_files::make_room(state.config.limits.connections);
        if let Some(requests) = &state.requests {
            requests.connections_limit.set(i64::try_from(connections).unwrap_or(i64::MAX));
        }
        let listening = listen::listen(&state, connections, &event_loops).map_err(|cause| {
            let server = &state.config.server;
            StartError::Listen { address: format!("{}:{}", server.host, server.port), cause }
        })?;
        let metrics = metrics::serve(&state).map_err(|(address, cause)| StartError::Metrics { address, cause })?;
        Ok(Self { listening, metrics, event_loops, worker, delivery, state })
    }

    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.listening.addresses
    }

    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().and_then(|metrics| metrics.address)
    }

    /// The address at which browsers see the site, if a setting says so.
    #[must_use]
    pub fn public_origin(&self) -> Option<&str> {
        self.state.config.server.public_origin.as_deref()
    }

    /// Whether an admin may sign in.
    ///
    /// # Errors
    /// The database is unavailable.
    pub async fn has_admin(&self) -> Result<bool, DbError> {
        self.state.accounts.has_admin().await
    }

    #[must_use]
    pub fn db(&self) -> Db {
        self.state.db.clone()
    }

    #[must_use]
    pub fn jobs(&self) -> JobMetrics {
        self.state.jobs.clone()
    }

    /// Serves until a signal stops it, see [`shutdown::on_signal`].
    pub async fn run_until_stopped(self, mut signals: Signals) -> io::Result<()> {
        let closed = self.state.db.closed();
        let watchdog = rt::spawn(service_manager::feed_watchdog(self.event_loops));
        let (stop_jobs, jobs_stopped) = oneshot::channel();
        let worker = rt::spawn(self.worker.run(jobs_stopped));
        // Not `rt::spawn`, whose tasks are dropped outside of the runtime: the pool of SMTP connections needs it to
        // close.
        let delivery = self.delivery.map(|delivery| (delivery.clone(), tokio::spawn(jobs::mail::run(delivery))));
        let metrics = self.metrics.map(|metrics| (metrics.server.handle(), rt::spawn(metrics.server)));
        let Listening { server, sockets, .. } = self.listening;
        let shutdown = shutdown::on_signal(&mut signals, server.handle(), sockets, stop_jobs, self.state);
        // If the shutdown did not wait for the server, it is dropped together with the requests in flight.
        let stopped = match select(server, pin!(shutdown)).await {
            Either::Left((stopped, _)) => stopped,
            Either::Right(((), _)) => Ok(()),
        };
        watchdog.abort();
        // The worker was told to stop at the first signal. Another one ends the wait for a job that is still running.
        select(worker, pin!(signals.stop())).await;
        if let Some((delivery, running)) = delivery {
            finish_delivery(&delivery, running, &mut signals).await;
        }
        if let Some((server, _)) = metrics {
            server.stop(false).await;
        }
        // In a thread, because tasks of this one have to end, too.
        select(rt::task::spawn_blocking(move || closed.wait()), pin!(signals.stop())).await;
        stopped
    }
}

/// Assembles what requests share.
#[expect(clippy::too_many_arguments, reason = "they are what has to be started before")]
fn state(
    config: Config,
    clock: Clock,
    secret: &SecretKey,
    db: Db,
    hasher: Hasher,
    mail: Option<Mailer>,
    mail_metrics: MailMetrics,
    providers: Providers,
) -> AppState {
    let old_secret = config.cookie.old_secret_key.as_ref();
    let (limits_attempts, accepts_email) = (config.password.throttle, mail.is_some());
    let verifier = Verifier { db: db.clone(), hasher, limits_attempts, accepts_email };
    AppState {
        accounts: Accounts {
            verifier,
            session: config.session,
            meter: config.meter,
            mail,
            registration: config.server.registration,
        },
        seeds: SeedKeys::new(secret, old_secret),
        webhook_bodies: BodySlots::new(MAX_WEBHOOK_BODIES),
        webhook_turn: Semaphore::new(1),
        demo_secret: WebhookSecret::random(),
        sessions: Sessions::new(db.clone(), clock.clone(), config.session),
        tokens: Tokens::new(db.clone(), clock.clone(), config.session.cache.min(MAX_CACHED_TOKENS)),
        posts: PostCache::new(db.clone()),
        crawlers: Crawlers::new(&config.crawler_ranges).into(),
        contents: RecentContents::new(db.clone(), clock.clone()),
        gift_keys: gifts::link_keys(secret, old_secret),
        meter: MeterMetrics::default(),
        jobs: JobMetrics::default(),
        mail: mail_metrics,
        requests: config.server.metrics_address.map(|_| RequestMetrics::new(&providers)),
        providers,
        exports: RunningExports::default(),
        refused_origins: RefusedOrigins::default(),
        keys: CookieKeys::new(secret, old_secret),
        console: Look::new(&config.site),
        description: ApiDescription::default(),
        site: Site::new(&config.site, config.meter.has_public_excerpts),
        is_draining: AtomicBool::new(false),
        db,
        clock,
        config,
    }
}

/// Prepares the delivery of email; `None` if it is off.
fn delivery(
    config: &Config,
    secret: &SecretKey,
    db: &Db,
    clock: &Clock,
    metrics: &MailMetrics,
) -> Result<Option<Delivery>, StartError> {
    let Some(transport) = Transport::new(&config.mail)? else { return Ok(None) };
    let MailConfig { from, app_url, templates, .. } = &config.mail;
    let texts = Texts::load(templates.as_deref(), from, app_url, &config.site)?;
    let keys = mail::link_keys(secret, config.cookie.old_secret_key.as_ref());
    let mailer = Mailer::new(keys, from, config.password.throttle);
    let (db, metrics, clock) = (db.clone(), metrics.clone(), clock.clone());
    Ok(Some(Delivery { db, mailer, transport, texts: texts.into(), metrics, clock }))
}

/// Waits for the messages that are being sent, but not for long. Another signal ends the wait.
async fn finish_delivery(delivery: &Delivery, mut running: JoinHandle<()>, signals: &mut Signals) {
    delivery.stop();
    let finished = timeout(DELIVERY_TIMEOUT, &mut running);
    let is_finished = match select(pin!(finished), pin!(signals.stop())).await {
        Either::Left((finished, _)) => finished.is_ok(),
        Either::Right(_) => false,
    };
    if !is_finished {
        running.abort();
        // Ends with an error, because it was aborted.
        drop(running.await);
        tracing::warn!("stopped while messages were being sent; they may be sent again");
    }
}

/// The key in the file, which is created if it does not exist.
async fn own_key(config: &Config, db: &Db) -> Result<SecretKey, StartError> {
    if matches!(config.database, DatabaseUrl::Postgres(_)) {
        tracing::warn!(
            "SECRET_KEY is not set: sessions of this node are not valid on other nodes, which have their own keys"
        );
    }
    let file = Path::new(KEY_FILE);
    match SecretKey::read(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = SecretKey::create(file).map_err(StartError::Key)?;
            if db.read(users::exist).await? {
                // A backup was restored without its key, or the server runs in another folder.
                tracing::warn!(
                    file = KEY_FILE,
                    "created a new key, although the database has users: all are signed out, and codes of authenticator \
                     apps do not work; if you have the former key, stop the server and put it into this file"
                );
            } else {
                tracing::info!(file = KEY_FILE, "created a new key");
            }
            Ok(key)
        }
        read => read.map_err(StartError::Key),
    }
}

/// Opens and migrates the database; a new one gets sample posts, if `SEED_DEMO` is set.
pub async fn open_database(config: &Config, clock: Clock) -> Result<Db, DbError> {
    let (url, limits, seed) = (config.database.clone(), config.limits.database, config.server.seed_demo);
    let open = move || {
        let fill = |tx: &mut Tx<'_>| if seed { samples::insert(tx, clock.now()) } else { Ok(()) };
        Db::open(&url, limits, fill)
    };
    // Opening blocks, possibly for the duration of another node's migrations.
    rt::task::spawn_blocking(open).await.unwrap_or_else(|error| Err(DbError::Query(error.to_string())))
}
