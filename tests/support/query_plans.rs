//! The statements that the server sends, and whether the databases use indexes for them.

use std::sync::{Arc, Mutex};

use diesel::{
    Connection, QueryableByName, RunQueryDsl,
    connection::{InstrumentationEvent, SimpleConnection},
    sql_query,
    sql_types::Text,
};
use tollgate::db::{Db, DbConnection, DbError};

/// Runs the queries, and returns their statements with the values.
pub(crate) fn recorded<T>(
    connection: &mut DbConnection,
    queries: impl FnOnce(&mut DbConnection) -> T,
) -> (T, Vec<String>) {
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
    let found = queries(connection);
    match connection {
        DbConnection::Sqlite(c) => c.set_instrumentation(|_: InstrumentationEvent<'_>| {}),
        DbConnection::Postgres(c) => c.set_instrumentation(|_: InstrumentationEvent<'_>| {}),
    }
    let statements = statements.lock().unwrap().clone();
    (found, statements)
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
            let values = values
                .trim_matches(['[', ']'])
                .replace('"', "'")
                .replace("\\u{10ffff}", "\u{10ffff}")
                .replace("Timestamp(", "(");
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

/// Asserts that each statement uses this index.
pub(crate) async fn assert_uses(db: &Db, statements: Vec<String>, index: &str) {
    assert!(!statements.is_empty());
    for statement in statements {
        let explained = statement.clone();
        let plan = db.read(move |connection| plans(connection, &explained)).await.unwrap();
        assert!(plan.iter().any(|step| step.contains(index)), "{statement}\n{}", plan.join("\n"));
    }
}

pub(crate) async fn assert_indexed(db: &Db, statements: Vec<String>) {
    for statement in statements {
        let explained = statement.clone();
        let plan = db.read(move |connection| plans(connection, &explained)).await.unwrap();
        let uses_index = plan.iter().any(|step| step.starts_with("SEARCH") || step.contains("Index Scan"));
        let scans = plan.iter().any(|step| step.starts_with("SCAN") || step.contains("Seq Scan"));
        assert!(uses_index && !scans, "{statement}\n{}", plan.join("\n"));
    }
}
