//! The rows of reads, which have no foreign key to their user on PostgreSQL.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tollgate::{
    base::clock::Timestamp,
    db::{Db, DbConnection, DbError, Tx},
    paywall::{
        content::ContentId,
        counting::{self, Limits, MeteredRead},
        meter_id::MeterId,
        reads,
    },
    users,
};

use crate::support::{
    database::{TestDatabase, execute},
    fixtures::insert_user,
    query_plans::{assert_uses, recorded},
};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const LIMITS: Limits = Limits { user: 5, anonymous: 5, network: 0, period: Duration::from_secs(30 * 86_400) };

fn charge(tx: &mut Tx<'_>, user_id: i64) -> Result<(), DbError> {
    let read = MeteredRead::by_user(user_id, ContentId::post(1), NOW);
    counting::charge(tx, &[read], &LIMITS).map(drop)
}

fn record_free(tx: &mut Tx<'_>, user_id: i64) -> Result<(), DbError> {
    counting::record_free(tx, MeteredRead::by_user(user_id, ContentId::post(2), NOW), false)
}

async fn rows(db: &Db, table: &'static str) -> usize {
    db.write(move |tx| execute(tx, &format!("DELETE FROM {table}"))).await.unwrap()
}

/// Returns when another transaction waits for this one. On SQLite every writing transaction waits.
fn wait_to_be_waited_for(connection: &mut DbConnection) -> Result<(), DbError> {
    const WAITING: &str = "SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))";
    let until = Instant::now() + Duration::from_secs(10);
    while matches!(connection, DbConnection::Postgres(_)) && execute(connection, WAITING)? == 0 {
        assert!(Instant::now() < until, "nobody waits");
    }
    Ok(())
}

#[both_databases::test]
async fn deleting_users_during_reads_leaves_no_rows(database: TestDatabase) {
    for id in 1..=60 {
        database.execute(&insert_user(id)).await;
    }
    let (here, there) = (database.open().await, database.open().await);
    let count = |user_id| here.write(move |tx| charge(tx, user_id));
    // A third of them already have a meter.
    join_all((1..=20).map(count)).await;
    let read = join_all((1..=40).map(count));
    let read_for_nothing = join_all((21..=60).map(|id| here.write(move |tx| record_free(tx, id))));
    let delete = join_all((1..=60).map(|id| there.write(move |tx| users::delete(tx, id))));
    // Reads of users who are already deleted fail.
    let (_, _, deleted) = tokio::join!(read, read_for_nothing, delete);
    assert!(deleted.iter().all(Result::is_ok), "{deleted:?}");
    for table in ["reads", "meters"] {
        assert_eq!(rows(&here, table).await, 0, "{table}");
    }
}

#[both_databases::test]
async fn deleting_a_user_deletes_a_read_in_progress(database: TestDatabase) {
    database.execute(&insert_user(1)).await;
    let (here, there) = (database.open().await, database.open().await);
    here.write(|tx| charge(tx, 1)).await.unwrap();
    let (tell, told) = tokio::sync::oneshot::channel();
    let count = here.write(move |tx| {
        charge(tx, 1)?;
        tell.send(()).unwrap();
        wait_to_be_waited_for(tx)
    });
    let delete = async {
        told.await.unwrap();
        there.write(|tx| users::delete(tx, 1)).await
    };
    let (counted, deleted) = tokio::join!(count, delete);
    counted.unwrap();
    deleted.unwrap();
    assert_eq!(rows(&there, "reads").await, 0);
}

#[both_databases::test]
async fn of_two_first_reads_of_a_post_the_second_waits_and_is_free(database: TestDatabase) {
    database.execute(&insert_user(1)).await;
    database.execute(&insert_user(2)).await;
    let (here, there) = (database.open().await, database.open().await);
    let once = |tx: &mut Tx<'_>, reader, post_id| {
        let read = MeteredRead { meter: reader, reader, content: ContentId::post(post_id), at: NOW };
        let charged = counting::charge_per_content(tx, &[read], &LIMITS)?;
        Ok::<_, DbError>(charged.first().copied().flatten().unwrap().used)
    };
    for (reader, used_before) in [
        (MeterId::of_user(1), 1),
        (MeterId::of_reader(1), 1),
        // Without a meter, whose row could be locked.
        (MeterId::of_user(2), 0),
        (MeterId::of_reader(2), 0),
    ] {
        if used_before > 0 {
            assert_eq!(here.write(move |tx| once(tx, reader, 1)).await.unwrap(), used_before);
        }
        let (tell, told) = tokio::sync::oneshot::channel();
        let first = here.write(move |tx| {
            let used = once(tx, reader, 2)?;
            tell.send(()).unwrap();
            wait_to_be_waited_for(tx).map(|()| used)
        });
        let second = async {
            told.await.unwrap();
            there.write(move |tx| once(tx, reader, 2)).await
        };
        let (first, second) = tokio::join!(first, second);
        assert_eq!((first.unwrap(), second.unwrap()), (used_before + 1, used_before + 1), "{reader:?}");
    }
}

#[both_databases::test]
async fn deleting_all_users_leaves_no_reads(database: TestDatabase) {
    database.execute(&insert_user(1)).await;
    let db = database.open().await;
    db.write(|tx| charge(tx, 1)).await.unwrap();
    let delete = |tx: &mut Tx<'_>| match tx.connection() {
        DbConnection::Sqlite(_) => execute(tx, "DELETE FROM users"),
        DbConnection::Postgres(_) => execute(tx, "TRUNCATE users CASCADE"),
    };
    db.write(delete).await.unwrap();
    assert_eq!(rows(&db, "reads").await, 0);
}

#[both_databases::test]
async fn a_read_of_an_unknown_user_fails(database: TestDatabase) {
    let db = database.open().await;
    let noted: Result<(), DbError> = db.write(|tx| record_free(tx, 7)).await;
    assert!(noted.is_err());
}

#[both_databases::test]
async fn a_page_is_found_by_an_index_among_all_that_its_reader_has_read(database: TestDatabase) {
    const PAGES: i64 = 20_000;
    let pages = format!(
        "WITH RECURSIVE ids(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM ids WHERE id < {PAGES}) \
         INSERT INTO reads (id, user_id, post_id, read_at, metered) SELECT id, 1, -id, id, TRUE FROM ids"
    );
    database.execute(&pages).await;
    database.execute("ANALYZE reads").await;
    let db = database.open().await;
    let (ada, eve) = (MeterId::of_user(1), MeterId::of_user(2));
    for (reader, page, since, expected) in
        [(ada, 77, 0, true), (ada, 77, 77, true), (ada, 77, 78, false), (ada, PAGES + 1, 0, false), (eve, 77, 0, false)]
    {
        let find = move |connection: &mut DbConnection| {
            let since = Timestamp::from_millis(since);
            let (found, statements) = recorded(connection, |connection| {
                reads::is_read(connection, reader, ContentId::page(page), since, true)
            });
            Ok::<_, DbError>((found?, statements))
        };
        let (found, statements) = db.read(find).await.unwrap();
        assert_eq!(found, expected, "{reader:?} {page} {since}");
        assert_uses(&db, statements, "reads_of_pages").await;
    }
}
