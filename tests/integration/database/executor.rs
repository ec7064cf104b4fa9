//! `db.read` and `db.write` are atomic and independent of each other.

use std::time::Duration;

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::BigInt};
use futures_util::future::join_all;
use tollgate::db::{Db, DbConnection, DbError, Tx};

use crate::support::{
    database::{Kind, TestDatabase, execute},
    fixtures::INSERT_POST,
};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

async fn posts(db: &Db) -> i64 {
    let sql = "SELECT count(*) AS count FROM posts";
    let query = move |connection: &mut DbConnection| -> Result<Count, DbError> {
        Ok(match connection {
            DbConnection::Sqlite(c) => sql_query(sql).get_result(c)?,
            DbConnection::Postgres(c) => sql_query(sql).get_result(c)?,
        })
    };
    db.read(query).await.unwrap().count
}

#[both_databases::test]
async fn a_failed_write_is_rolled_back_and_does_not_affect_others(database: TestDatabase) {
    let db = database.open().await;
    let writes = (0..100).map(|number| {
        let write = move |tx: &mut Tx<'_>| {
            execute(tx, INSERT_POST)?;
            if number % 2 == 0 { Err(DbError::Query("changed its mind".to_owned())) } else { Ok(()) }
        };
        db.write(write)
    });
    let written = join_all(writes).await.into_iter().filter(Result::is_ok).count();
    assert_eq!((written, posts(&db).await), (50, 50));
}

#[both_databases::test]
async fn a_failed_statement_leaves_the_connection_usable(database: TestDatabase) {
    let db = database.open().await;
    for _ in 0..20 {
        let error = db.write(|tx| execute(tx, "INSERT INTO nowhere VALUES (1)")).await.unwrap_err();
        assert!(matches!(error, DbError::Unavailable(_)), "{error:?}");
        let error = db.write(|tx| execute(tx, "INSERT INTO posts (title) VALUES (NULL)")).await;
        assert!(matches!(error, Err(DbError::Query(_))), "{error:?}");
    }
    db.write(|tx| execute(tx, INSERT_POST)).await.unwrap();
    assert_eq!(posts(&db).await, 1);
}

#[both_databases::test]
async fn a_failed_single_statement_is_rolled_back(database: TestDatabase) {
    // On PostgreSQL it is one statement, which is atomic.
    let statements: &[&str] = match database.kind {
        Kind::Sqlite => &[INSERT_POST, "INSERT INTO posts (title) VALUES (NULL)"],
        Kind::Postgres => &["INSERT INTO posts (title, slug, data, excerpt, published, access, created_at) \
                             VALUES ('t', '', 'd', 'e', TRUE, 'metered', 0), (NULL, '', 'd', 'e', TRUE, 'metered', 0)"],
    };
    let db = database.open().await;
    for _ in 0..20 {
        let written: Result<(), DbError> =
            db.write_single_statement(move |tx| statements.iter().try_for_each(|sql| execute(tx, sql).map(drop))).await;
        assert!(matches!(written, Err(DbError::Query(_))), "its own fault: {written:?}");
    }
    assert_eq!(posts(&db).await, 0);
    db.write_single_statement(|tx| execute(tx, INSERT_POST)).await.unwrap();
    assert_eq!(posts(&db).await, 1);
}

#[both_databases::test]
async fn a_panicking_query_does_not_affect_others(database: TestDatabase) {
    let db = database.open().await;
    for _ in 0..20 {
        let panicked = db.write(|tx| -> Result<(), DbError> {
            execute(tx, INSERT_POST)?;
            panic!("a fault of the program");
        });
        assert!(panicked.await.is_err());
        let panicked = db.read(|_| -> Result<(), DbError> { panic!("a fault of the program") });
        assert!(panicked.await.is_err());
    }
    assert_eq!(posts(&db).await, 0, "what it wrote is undone");
    db.write(|tx| execute(tx, INSERT_POST)).await.unwrap();
}

#[both_databases::test]
async fn an_abandoned_write_does_not_block_others(database: TestDatabase) {
    let db = database.open().await;
    for _ in 0..50 {
        let abandoned = db.write(|tx| execute(tx, INSERT_POST));
        let _ = actix_web::rt::time::timeout(Duration::ZERO, abandoned).await;
    }
    db.write(|tx| execute(tx, INSERT_POST)).await.unwrap();
    assert!((1..=51).contains(&posts(&db).await));
}

#[both_databases::test]
async fn two_processes_can_write_at_the_same_time(database: TestDatabase) {
    let (here, there) = (database.open().await, database.open().await);
    let writes = (0..400).map(|number| {
        let db = if number % 2 == 0 { &here } else { &there };
        // A read before the write: in a deferred transaction SQLite would fail at once.
        db.write(|tx| {
            execute(tx, "SELECT max(id) FROM posts")?;
            execute(tx, INSERT_POST)
        })
    });
    assert!(join_all(writes).await.iter().all(Result::is_ok));
    assert_eq!(posts(&here).await, 400);
}

#[both_databases::test]
async fn readers_do_not_wait_for_a_writer(database: TestDatabase) {
    let db = database.open().await;
    let (release, released) = std::sync::mpsc::channel::<()>();
    let writer = db.write(move |tx| {
        execute(tx, INSERT_POST)?;
        released.recv().map_err(|error| DbError::Query(error.to_string()))
    });
    let (written, seen) = futures_util::future::join(writer, async {
        let seen = posts(&db).await;
        release.send(()).unwrap();
        seen
    })
    .await;
    written.unwrap();
    assert_eq!((seen, posts(&db).await), (0, 1));
}

#[both_databases::test]
async fn a_reader_cannot_write_to_sqlite(database: TestDatabase) {
    let db = database.open().await;
    let wrote = db.read(|connection| execute(connection, INSERT_POST)).await;
    assert_eq!(wrote.is_err(), database.kind == Kind::Sqlite, "PostgreSQL has one pool for both doors");
}
