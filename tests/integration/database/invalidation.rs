//! Cache invalidation by other processes.

use std::sync::mpsc;

use actix_web::rt::{spawn, task::yield_now, time::timeout};
use tollgate::{
    base::clock::Timestamp,
    credentials::sessions,
    db::{CacheTag, Db, DbError, Tx, Version},
    users,
};

use crate::support::{
    database::{Kind, TestDatabase, execute},
    fixtures::{INSERT_POST, TIMEOUT},
};

const ROWS: [&str; 3] = [
    "INSERT INTO users (id, username, username_key, password_hash, role, is_active, created_at) \
     VALUES (1, 'ada', 'ada', 'h', 'user', TRUE, 0), (2, 'eve', 'eve', 'h', 'user', TRUE, 0)",
    "INSERT INTO sessions \
     (token_hash, user_id, stay_signed_in, state, created_at, last_seen_at, idle_expires_at, expires_at, fresh_until) \
     VALUES ('01234567890123456789012345678901', 1, FALSE, '{}', 0, 0, 8, 9, 0)",
    INSERT_POST,
];
const TOKEN: sessions::TokenHash = *b"01234567890123456789012345678901";

async fn until(is_so: impl Fn() -> bool) {
    let wait = async {
        while !is_so() {
            yield_now().await;
        }
    };
    timeout(TIMEOUT, wait).await.unwrap();
}

/// The version, once changes by other processes are received. Each sign of life counts for a short time only, so that a
/// busy machine may be without a version for a moment.
async fn version(db: &Db) -> Version {
    let tracker = db.tracker();
    let wait = async {
        loop {
            match tracker.version() {
                Some(version) => break version,
                None => yield_now().await,
            }
        }
    };
    timeout(TIMEOUT, wait).await.unwrap()
}

/// A database with rows and an active listener, and a version after the listener started.
async fn watched(database: &TestDatabase) -> (Db, Version) {
    for rows in ROWS {
        database.execute(rows).await;
    }
    let db = database.open().await;
    db.watch().unwrap();
    let moment = version(&db).await;
    (db, moment)
}

async fn is_heard_of(kind: Kind, statement: &str, subject: CacheTag) {
    let database = TestDatabase::new(kind).unwrap();
    let (db, before) = watched(&database).await;
    database.execute(statement).await;
    let changes = db.tracker();
    until(|| !changes.is_current(subject, before) && changes.version().is_some()).await;
}

#[both_databases::test]
async fn cache_entries_are_invalid_without_a_listener(database: TestDatabase) {
    let db = database.open().await;
    db.ping().await.unwrap();
    assert_eq!(db.tracker().version(), None);
}

#[both_databases::test]
async fn changes_by_another_process_invalidate_the_cache(database: TestDatabase) {
    for statement in [
        "UPDATE users SET role = 'admin' WHERE id = 1",
        "DELETE FROM users WHERE id = 1",
        "UPDATE sessions SET expires_at = 8",
        "UPDATE sessions SET idle_expires_at = 1",
        "UPDATE sessions SET fresh_until = 1",
        "UPDATE sessions SET state = '{\"a\":\"1\"}'",
        "UPDATE sessions SET ip = '203.0.113.7'",
        "DELETE FROM sessions",
    ] {
        is_heard_of(database.kind, statement, CacheTag::User(1)).await;
    }
    for statement in ["UPDATE posts SET title = 'Anew'", "DELETE FROM posts"] {
        is_heard_of(database.kind, statement, CacheTag::Posts).await;
    }
}

#[both_databases::test]
async fn changes_by_this_process_invalidate_before_the_response(database: TestDatabase) {
    let (db, before) = watched(&database).await;
    db.write(|tx| users::set_role(tx, 1, users::Role::Admin)).await.unwrap();
    // Writes of this process are not reported as writes of another one.
    db.write(|tx| execute(tx, "UPDATE meters SET used = 0")).await.unwrap();
    let changes = db.tracker();
    assert!(!changes.is_current(CacheTag::User(1), before));
    until(|| changes.is_current(CacheTag::User(2), before) && changes.is_current(CacheTag::Posts, before)).await;
}

#[actix_web::test]
async fn renewing_a_session_notifies_no_other_node() {
    let Some(database) = TestDatabase::new(Kind::Postgres) else { return };
    let (db, before) = watched(&database).await;
    let other = database.open().await;
    let renew = |tx: &mut Tx<'_>| {
        sessions::renew(tx, &TOKEN, Timestamp::from_millis(5), Timestamp::from_millis(6), Timestamp::from_millis(9))
    };
    other.write(renew).await.unwrap();
    assert_eq!(database.execute("UPDATE users SET role = 'admin' WHERE id = 2").await, 1);
    let changes = db.tracker();
    // Notifications arrive in order.
    until(|| !changes.is_current(CacheTag::User(2), before) && changes.is_current(CacheTag::User(1), before)).await;
}

#[actix_web::test]
async fn a_lost_listener_disables_the_cache_and_clears_old_entries() {
    let Some(database) = TestDatabase::new(Kind::Postgres) else { return };
    let (db, before) = watched(&database).await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND query LIKE 'LISTEN tollgate%'";
    assert_eq!(database.execute(cut).await, 1);
    let changes = db.tracker();
    until(|| !changes.is_current(CacheTag::User(1), before)).await;
    let after = version(&db).await;
    assert!(!changes.is_current(CacheTag::User(1), before));
    until(|| changes.is_current(CacheTag::User(1), after)).await;
}

#[actix_web::test]
async fn a_writer_waiting_for_another_process_disables_the_cache() {
    let database = TestDatabase::new(Kind::Sqlite).unwrap();
    let (db, _) = watched(&database).await;
    let (other, changes) = (database.open().await, db.tracker());
    let (locked, is_locked) = mpsc::channel();
    let (release, released) = mpsc::channel();
    let hold = spawn(async move {
        let lock = move |_: &mut Tx<'_>| -> Result<(), DbError> {
            locked.send(()).unwrap();
            released.recv().unwrap();
            Ok(())
        };
        other.write(lock).await
    });
    until(|| is_locked.try_recv().is_ok()).await;
    let writer = db.clone();
    let waits = spawn(async move { writer.write(|tx| execute(tx, "UPDATE meters SET used = 0")).await });
    until(|| changes.version().is_none()).await;
    release.send(()).unwrap();
    hold.await.unwrap().unwrap();
    waits.await.unwrap().unwrap();
    until(|| changes.version().is_some()).await;
}
