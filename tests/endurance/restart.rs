//! PostgreSQL restarts or crashes under load.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use actix_web::rt::{spawn, task::spawn_blocking, time::timeout};
use futures_util::future::join_all;
use serde_json::json;

use crate::support::{
    client::{Answer, Client, PASSWORD},
    database::{Kind, TestDatabase},
    fixtures::TIMEOUT,
    postgres::Postgres,
    refusals::assert_refused,
    server::TestServer,
};

const READERS: usize = 30;

/// The results of one client's requests.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    granted: i64,
    refused: i64,
}

impl Tally {
    fn note(&mut self, answer: Answer, well: u16) {
        if answer.status == well {
            self.granted += 1;
        } else {
            assert_refused(answer);
            self.refused += 1;
        }
    }
}

/// Tells clients when to stop, and counts the responses so far.
#[derive(Default)]
struct Watch {
    answered: AtomicUsize,
    is_over: AtomicBool,
}

impl Watch {
    fn goes_on(&self) -> bool {
        self.answered.fetch_add(1, Ordering::Relaxed);
        !self.is_over.load(Ordering::Relaxed)
    }

    async fn until_answered(&self, more: usize) {
        let until = self.answered.load(Ordering::Relaxed) + more;
        while self.answered.load(Ordering::Relaxed) < until {
            actix_web::rt::task::yield_now().await;
        }
    }
}

async fn read(client: Client, watch: Arc<Watch>) -> Tally {
    let mut tally = Tally::default();
    while watch.goes_on() {
        tally.note(client.get("/blog/1").await, 200);
    }
    tally
}

async fn sign_in(client: Client, watch: Arc<Watch>) -> Tally {
    let mut tally = Tally::default();
    while watch.goes_on() {
        let person = json!({ "username": "reader0", "password": PASSWORD });
        tally.note(client.post("/login", &person).await, 200);
    }
    tally
}

async fn loses_and_doubles_nothing(interrupt: fn(&mut Postgres)) {
    let Some(mut postgres) = Postgres::start(None) else { return };
    let database = TestDatabase::at(Kind::Postgres, postgres.new_database());
    let server = TestServer::with(database, &[("READS_LIMIT", "1000000")]).await;
    let names: Vec<_> = (0..READERS).map(|number| format!("reader{number}")).collect();
    let mut readers = Vec::new();
    for name in &names {
        readers.push(server.signed_in(name).await);
    }

    let watch = Arc::new(Watch::default());
    let reads: Vec<_> = readers.iter().map(|client| spawn(read(client.clone(), watch.clone()))).collect();
    let logins: Vec<_> = (0..5).map(|_| spawn(sign_in(server.client(), watch.clone()))).collect();
    watch.until_answered(10 * READERS).await;
    for _ in 0..2 {
        postgres = spawn_blocking(move || {
            interrupt(&mut postgres);
            postgres
        })
        .await
        .unwrap();
        watch.until_answered(10 * READERS).await;
    }
    watch.is_over.store(true, Ordering::Relaxed);
    let tallies = timeout(2 * TIMEOUT, join_all(reads)).await.expect("a reader hangs");
    let logins = timeout(2 * TIMEOUT, join_all(logins)).await.expect("a login hangs");
    assert!(logins.into_iter().all(|login| login.unwrap().granted > 0));

    let mut refused = 0;
    for (client, tally) in readers.iter().zip(tallies) {
        let tally = tally.unwrap();
        refused += tally.refused;
        let used = client.get("/meter").await.body["used"].as_i64().unwrap();
        // A refused read may have been committed, with only the confirmation lost.
        assert!((tally.granted..=tally.granted + tally.refused).contains(&used), "{tally:?}, and {used} are counted");
        assert_eq!(client.get("/reads").await.body.as_array().unwrap().len(), usize::try_from(used).unwrap());
        assert_eq!(client.get("/blog/1").await.status, 200);
    }
    assert!(refused > 0, "nobody noticed");
    server.client().login("reader0").await;
}

#[actix_web::test]
async fn reads_survive_a_restart_of_postgresql_under_load() {
    loses_and_doubles_nothing(Postgres::restart).await;
}

#[actix_web::test]
async fn reads_survive_a_crash_of_postgresql_under_load() {
    loses_and_doubles_nothing(Postgres::crash).await;
}
