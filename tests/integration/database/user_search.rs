//! How the databases find users by the start of a name or an address, among many users.

use std::sync::{Arc, Mutex};

use diesel::{
    Connection, QueryableByName, RunQueryDsl,
    connection::{InstrumentationEvent, SimpleConnection},
    sql_query,
    sql_types::Text,
};
use tollgate::{
    accounts::user_search::{Search, page},
    db::{Db, DbConnection, DbError},
    users::User,
};

use crate::support::database::TestDatabase;

const USERS: usize = 200_000;
/// A statement may take ten seconds, on a busy machine too.
const BATCH: usize = 10_000;

/// All names and addresses start with "user", except that Zoe's name does not.
async fn fill(database: &TestDatabase) {
    const COLUMNS: &str =
        "users (id, username, username_key, email, email_key, password_hash, role, is_active, created_at)";
    for first in (1..USERS).step_by(BATCH) {
        database
            .execute(&format!(
                "WITH RECURSIVE ids(id) AS (SELECT {first} UNION ALL SELECT id + 1 FROM ids WHERE id + 1 < {}) \
                 INSERT INTO {COLUMNS} SELECT id, 'user' || id, 'user' || id, 'user' || id || '@x', 'user' || id || '@x', \
                 'h', 'user', TRUE, 0 FROM ids",
                first + BATCH
            ))
            .await;
    }
    let zoe = "(1000000, 'zoe', 'zoe', 'user.zoe@x', 'user.zoe@x', 'h', 'user', TRUE, 0)";
    database.execute(&format!("INSERT INTO {COLUMNS} VALUES {zoe}")).await;
    database.execute("ANALYZE users").await;
}

/// The users of a page, and the statements that found them, with their values.
async fn search(db: &Db, search: Search, after: Option<i64>) -> (Vec<String>, Vec<String>) {
    let run = move |connection: &mut DbConnection| {
        let statements = Arc::new(Mutex::new(Vec::new()));
        let seen = statements.clone();
        let note = move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                seen.lock().unwrap().push(query.to_string());
            }
        };
        match connection {
            DbConnection::Sqlite(c) => c.set_instrumentation(note),
            DbConnection::Postgres(c) => c.set_instrumentation(note),
        }
        let found = page(connection, &search, after, 100)?.unwrap();
        match connection {
            DbConnection::Sqlite(c) => c.set_instrumentation(|_: InstrumentationEvent<'_>| {}),
            DbConnection::Postgres(c) => c.set_instrumentation(|_: InstrumentationEvent<'_>| {}),
        }
        let statements = statements.lock().unwrap().clone();
        Ok::<_, DbError>((found.into_iter().map(|User { username, .. }| username).collect(), statements))
    };
    db.read(run).await.unwrap()
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

/// SQLite's plan does not depend on the values. PostgreSQL's does, so this asks for the plan for these values and for
/// the one for any values, which it uses if a statement runs often.
fn plans(connection: &mut DbConnection, statement: &str) -> Result<Vec<String>, DbError> {
    let (sql, values) = statement.split_once(" -- binds: ").unwrap();
    match connection {
        DbConnection::Sqlite(c) => {
            let steps: Vec<Step> = sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(c)?;
            Ok(steps.into_iter().map(|step| step.detail).collect())
        }
        DbConnection::Postgres(c) => {
            let values = values.trim_matches(['[', ']']).replace('"', "'").replace("\\u{10ffff}", "\u{10ffff}");
            c.batch_execute(&format!("PREPARE explained AS {sql}"))?;
            let mut plans = Vec::new();
            for mode in ["force_custom_plan", "force_generic_plan"] {
                c.batch_execute(&format!("SET plan_cache_mode = {mode}"))?;
                let lines: Vec<Line> = sql_query(format!("EXPLAIN EXECUTE explained ({values})")).load(c)?;
                plans.extend(lines.into_iter().map(|line| line.line));
            }
            c.batch_execute("DEALLOCATE explained; RESET plan_cache_mode")?;
            Ok(plans)
        }
    }
}

async fn assert_indexed(db: &Db, statements: Vec<String>) {
    for statement in statements {
        let explained = statement.clone();
        let plan = db.read(move |connection| plans(connection, &explained)).await.unwrap();
        let uses_index = plan.iter().any(|step| step.starts_with("SEARCH") || step.contains("Index Scan"));
        let scans = plan.iter().any(|step| step.starts_with("SCAN") || step.contains("Seq Scan"));
        assert!(uses_index && !scans, "{statement}\n{}", plan.join("\n"));
    }
}

#[both_databases::test]
async fn users_are_found_by_indexes_however_many_there_are(database: TestDatabase) {
    fill(&database).await;
    let db = database.open().await;
    let find = |prefix: &str, is_active| Search { prefix: Some(prefix.to_owned()), role: None, is_active };

    for is_active in [None, Some(true)] {
        let (found, statements) = search(&db, find("user", is_active), None).await;
        assert_eq!((found.len(), found[0].as_str(), statements.len()), (100, "user1", 1));
        assert_indexed(&db, statements).await;
        // All names have been found, and of the addresses only one is not of a user found by name.
        let (found, statements) = search(&db, find("user", is_active), Some(99_999)).await;
        assert_eq!((found, statements.len()), (vec!["zoe".to_owned()], 3));
        assert_indexed(&db, statements).await;
        let (found, statements) = search(&db, find("user12345", is_active), None).await;
        assert_eq!(found.len(), 11);
        assert_indexed(&db, statements).await;
    }
}
