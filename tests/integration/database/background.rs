//! The connection of background jobs.

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use actix_web::rt::task::spawn_blocking;
use tokio::sync::oneshot;
use tollgate::{
    base::clock::Timestamp,
    config::DatabaseLimits,
    db::{CacheTag, Db, DbError, Tx},
    users::attempts,
};

use crate::support::database::{Kind, TestDatabase, execute};

/// With a single connection for requests.
async fn open(database: &TestDatabase) -> Db {
    let url = database.config_url();
    let limits = DatabaseLimits { connections: 1, ..DatabaseLimits::default() };
    spawn_blocking(move || Db::open(&url, limits, |_| Ok(()))).await.unwrap().unwrap()
}

#[both_databases::test]
async fn a_background_query_occupies_no_connection_of_requests(database: TestDatabase) {
    let db = open(&database).await;
    let background = db.for_background().unwrap();
    let (started, has_started) = oneshot::channel();
    let (finish, finished) = mpsc::channel::<()>();
    let long = actix_web::rt::spawn(async move {
        let write = move |tx: &mut Tx<'_>| {
            started.send(()).unwrap();
            let _ = finished.recv_timeout(Duration::from_secs(60));
            execute(tx, "DELETE FROM posts")
        };
        background.write(write).await
    });
    has_started.await.unwrap();
    db.ping().await.unwrap();
    drop(finish);
    assert_eq!(long.await.unwrap().unwrap(), 0);
}

#[both_databases::test]
async fn what_a_background_job_changes_leaves_the_caches(database: TestDatabase) {
    let db = open(&database).await;
    let (background, cache) = (db.for_background().unwrap(), db.cache("test", 10));
    db.watch().unwrap();
    let cached = async |user_id: i64| {
        // Until it has heard from the database once, the tracker treats every entry as expired.
        while cache.get(&user_id).is_none() {
            cache.insert(user_id, Arc::new(()), CacheTag::User(user_id), cache.version());
            actix_web::rt::task::yield_now().await;
        }
    };
    cached(1).await;
    cached(2).await;
    let write = |tx: &mut Tx<'_>| {
        tx.invalidate(CacheTag::User(1));
        Ok::<_, DbError>(())
    };
    background.write(write).await.unwrap();
    // Entries are valid in general.
    cached(2).await;
    assert_eq!(cache.get(&1), None);
}

#[both_databases::test]
async fn the_cleanup_waits_for_no_lock_of_a_request(database: TestDatabase) {
    if database.kind == Kind::Sqlite {
        // Its transactions run one after another.
        return;
    }
    database
        .execute("INSERT INTO attempts (kind, network, at) VALUES ('registration', 'a', 0), ('registration', 'b', 0)")
        .await;
    let (here, there) = (open(&database).await, open(&database).await);
    let (lock, is_locked) = oneshot::channel();
    let (finish, finished) = mpsc::channel::<()>();
    let request = actix_web::rt::spawn(async move {
        let write = move |tx: &mut Tx<'_>| {
            execute(tx, "UPDATE attempts SET at = 0 WHERE network = 'a'")?;
            lock.send(()).unwrap();
            let _ = finished.recv_timeout(Duration::from_secs(60));
            Ok::<_, DbError>(())
        };
        here.write(write).await
    });
    is_locked.await.unwrap();
    let clean =
        |tx: &mut Tx<'_>| attempts::delete_outdated(tx, Timestamp::from_millis(0).after(2 * attempts::KEPT), 10);
    assert_eq!(there.write(clean).await.unwrap(), 1, "the other row");
    drop(finish);
    request.await.unwrap().unwrap();
    assert_eq!(there.write(clean).await.unwrap(), 1, "the next time");
}
