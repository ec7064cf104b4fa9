//! The application, started as `main` starts it.

use std::{collections::HashMap, env, net::SocketAddr, time::Duration};

use actix_web::rt::{
    spawn,
    time::{sleep, timeout},
};
use tollgate::{
    base::clock::{Clock, Timestamp},
    config::Config,
    db::{CacheTag, Db, Tx},
    server::{Application, Signals},
};

use super::{
    client::Client,
    database::{Kind, TestDatabase, execute},
    fixtures::TIMEOUT,
};

/// 2026-11-21T10:00:00.000Z
pub(crate) const START: Timestamp = Timestamp::from_millis(1_795_255_200_000);

pub(crate) const SECRET_KEY: &str = "a key for tests, which is as long as a key has to be to be taken";

pub(crate) struct TestServer {
    pub(crate) address: String,
    /// The address of the metrics.
    pub(crate) metrics: Option<SocketAddr>,
    pub(crate) clock: Clock,
    pub(crate) database: TestDatabase,
    db: Db,
}

impl TestServer {
    /// With the cheapest hash, and sample posts.
    pub(crate) async fn start(database: TestDatabase) -> Self {
        Self::with(database, &[]).await
    }

    pub(crate) async fn with(database: TestDatabase, settings: &[(&str, &str)]) -> Self {
        let clock = Clock::manual(START);
        let Served { address, metrics, db } = serve(&database.url, settings, clock.clone()).await;
        Self { address, metrics, clock, database, db }
    }

    /// A second node on the same database.
    pub(crate) async fn second_node(&self, settings: &[(&str, &str)]) -> String {
        serve(&self.database.url, settings, self.clock.clone()).await.address
    }

    /// A second node with a clock of its own.
    pub(crate) async fn node_with_clock(&self, settings: &[(&str, &str)], clock: Clock) -> String {
        serve(&self.database.url, settings, clock).await.address
    }

    /// A browser without cookies.
    pub(crate) fn client(&self) -> Client {
        Client::new(&self.address)
    }

    /// A browser whose user has just registered and signed in.
    pub(crate) async fn signed_in(&self, username: &str) -> Client {
        let client = self.client();
        client.register(username).await;
        client.login(username).await;
        client
    }

    /// A browser whose user is an admin.
    pub(crate) async fn admin(&self, username: &str) -> Client {
        let admin = self.signed_in(username).await;
        self.promote(username).await;
        admin
    }

    /// Makes this user an admin.
    pub(crate) async fn promote(&self, username: &str) {
        let sql = format!("UPDATE users SET role = 'admin' WHERE username_key = '{username}'");
        assert_eq!(self.execute(&sql).await, 1);
    }

    /// Runs a statement on the server's own connection, so that it takes effect at once. Returns the number of affected
    /// rows.
    pub(crate) async fn execute(&self, sql: &str) -> usize {
        let sql = sql.to_owned();
        let statement = move |tx: &mut Tx<'_>| {
            tx.invalidate(CacheTag::All);
            execute(tx, &sql)
        };
        self.db.write(statement).await.unwrap()
    }

    pub(crate) fn advance(&self, span: Duration) {
        self.clock.advance(span);
    }

    pub(crate) fn set_back(&self, span: Duration) {
        self.clock.set_back(span);
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.database.kind == Kind::Postgres
    }
}

struct Served {
    address: String,
    metrics: Option<SocketAddr>,
    db: Db,
}

async fn serve(database_url: &str, settings: &[(&str, &str)], clock: Clock) -> Served {
    let cache = env::var("SESSION_CACHE").unwrap_or_default();
    let defaults = [
        ("DATABASE_URL", database_url),
        ("SECRET_KEY", SECRET_KEY),
        ("PORT", "0"),
        ("BCRYPT_COST", "4"),
        ("HASH_QUEUE", "1000"),
        // Tests of email turn it on.
        ("MAIL_URL", "none"),
        // Tests of the demo checkout turn it on.
        ("DEMO_CHECKOUT", "false"),
        // All requests come from one network. Tests of the throttle turn it on.
        ("THROTTLE", "off"),
        // Some tests set TRUSTED_PROXIES or PUBLIC_URL, with which the server refuses settings such as these.
        ("ALLOW_INSECURE_TESTING", "true"),
        // CI runs the tests with and without the cache.
        ("SESSION_CACHE", &cache),
    ];
    let values: HashMap<_, _> =
        defaults.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let application = Application::build(Config::from_values(values).unwrap(), clock).await.unwrap();
    let address = application.addresses().first().unwrap().to_string();
    let served = Served { address, metrics: application.metrics_address(), db: application.db() };
    let jobs = application.jobs();
    spawn(application.run_until_stopped(Signals::install().unwrap()));
    // A server runs all of its jobs when it starts, the cleanup last. If the cleanup ran during the test, it would
    // delete old rows that the test has inserted, and rows that expire when the test advances the clock.
    let cleaned_up = async {
        while jobs.runs("cleanup") == [0, 0, 0] {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(TIMEOUT, cleaned_up).await.expect("the cleanup runs at the start");
    served
}
