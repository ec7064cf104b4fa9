//! `tollgate migrate-to`: from SQLite to PostgreSQL, including sessions.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use actix_web::rt::{spawn, task::spawn_blocking, time::timeout};
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query};
use serde_json::{Value, json};
use tokio_postgres::NoTls;
use tollgate::db::{DbConnection, DbError};

use crate::support::{
    client::{Client, PASSWORD},
    database::{Kind, TestDatabase},
    fixtures::{INSERT_POST, TIMEOUT},
    postgres::SHARED,
    server::{SECRET_KEY, TestServer},
};

/// Rows in every table, with values that are hard to escape.
const ROWS: [&str; 32] = [
    r#"INSERT INTO users VALUES (7, 'Ada "A"', 'ada', '', 'a@b', 5, 'a,"b', 'a\b', 'h,\.', 3, TRUE, TRUE, 'admin', TRUE, 0,
         9007199254740993, NULL, 77),
       (9, 'NULL', 'null', NULL, NULL, NULL, NULL, '', '\N', 0, FALSE, FALSE, 'user', FALSE, NULL, -1, 9223372036854775807, NULL)"#,
    "INSERT INTO sessions VALUES (5, x'00ff5c2c220a', 7, TRUE, '{\"a\":\"\\\"\"}', 1, 2, 3, 4, 5, '::1', 'Straße 🛣', 6),
     (6, x'', 9, FALSE, '{}', 1, 2, 3, 4, 0, NULL, '', NULL)",
    r#"INSERT INTO posts VALUES (1, '\.', 'x', '', '\.' || char(10) || '\.' || char(13, 10, 9, 13) || '\n''', FALSE, 'subscribers', 'a,"b', '\N', 5, 0, NULL, 'c,"d'),
      (2, '  ', '', '"', '""', TRUE, 'free', NULL, NULL, NULL, 0, 1, NULL)"#,
    "INSERT INTO meters VALUES (7, 7, 1, 2, 5, NULL), (-3, NULL, 1, 2, 5, NULL), (-9223372036854775807, NULL, 1, 2, 5, 6)",
    "INSERT INTO reads VALUES (4, 7, 99, 5, TRUE), (8, 7, -17, 5, FALSE), (4, -3, 99, 5, TRUE)",
    "INSERT INTO pages VALUES (17, '/a%20b', 20000)",
    "INSERT INTO refusals VALUES (7, 20000, 3)",
    "INSERT INTO days VALUES (20000, 0, 1, 2, 3, 4, FALSE, 5, 6, 7, 8, 9, 10)",
    "INSERT INTO content_refusals VALUES (20000, -17, 0, 1, 2, 3)",
    "INSERT INTO last_refusals VALUES (7, 7, 99, 5), (-3, NULL, -17, 5)",
    "INSERT INTO post_days VALUES (20000, 99, 1)",
    "INSERT INTO read_batches VALUES (5, 20000, '1,2', 2, 1, 3, 4, 5, 6)",
    "INSERT INTO subscriptions (id, user_id, status) VALUES ('sub_1', 7, 'active'), ('sub_2', NULL, NULL)",
    "INSERT INTO customers VALUES ('cus_1', 7, 'evt')",
    "INSERT INTO payments VALUES ('cs_1', 'sub_9', 'cus_9', 'a@b', 990, 'eur', 1, NULL, NULL), \
     ('cs_2', NULL, NULL, NULL, NULL, NULL, 1, 7, 2)",
    "INSERT INTO stripe_events VALUES ('evt', 1)",
    "INSERT INTO audit (id, user_id, event, at, ip, user_agent) VALUES (3, 7, 'signed_in', 1, NULL, NULL), (4, NULL, 'deleted', 2, '::1', 'a,b')",
    "INSERT INTO attempts VALUES (2, 'wrong_password', x'80', '192.0.2.1', 1), (11, 'wrong_code', x'', NULL, 1)",
    r#"INSERT INTO outbox VALUES (3, 'verify', 7, 'a@b', '{"a":"\""}', x'005c', 9, '<a@b>', 1, 2, 3, NULL, 'no\nsuch', NULL, 4)"#,
    "INSERT INTO email_codes VALUES (21, x'5c01', x'5c02', x'00', x'5c03', 'a@b', '192.0.2.1', TRUE, 1, NULL, 1, 2)",
    "INSERT INTO one_time_tokens VALUES (12, 'verify', x'5c00', 7, 'a@b', 1, 2)",
    "INSERT INTO totp_seeds VALUES (7, x'005c', 1, 2, 3), (9, x'', 1, NULL, 0)",
    "INSERT INTO recovery_codes VALUES (14, 7, x'0a5c')",
    "INSERT INTO identities VALUES (19, 7, 'https://sso.example', 'a''b', 'ada@example.org', 1, NULL)",
    "INSERT INTO invitations VALUES (7, 1)",
    r#"INSERT INTO passkeys VALUES (18, 7, x'0d5c', '{"a":"\""}', 4294967295, TRUE, 'a,"b', 1, NULL)"#,
    "INSERT INTO passkey_challenges VALUES (17, 'login', x'0e', NULL, '192.0.2.1', 1)",
    "INSERT INTO pending_logins VALUES (15, x'0b', 7, 3, TRUE, 1, 2)",
    "INSERT INTO trusted_browsers VALUES (6, x'0c', 7, 3, 1, 2)",
    "INSERT INTO api_tokens VALUES (17, 7, x'0d', 'a \"b\"', 'read admin', 1, NULL, 3), (18, 9, x'', '', '', 1, 2, NULL)",
    "INSERT INTO gifts VALUES (19, 7, 1, x'00', x'0e', 3, 1, 1, NULL, 5), (20, 9, 2, x'', x'0f', 1, 0, 1, 2, NULL)",
    "INSERT INTO gift_openings VALUES (19, -9, 4), (19, 7, 5)",
];

const COLUMNS: &str = "SELECT t.name AS table_name, c.name AS column_name, c.type AS declared FROM sqlite_schema t \
    JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
    AND t.name NOT IN ('__diesel_schema_migrations', 'schema_compatibility')";

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = diesel::sql_types::Text)]
    table_name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    column_name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    declared: String,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

fn start(folder: &Path, from: &str, arguments: &[&str], typed: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
    let settings = [("DATABASE_URL", from), ("SECRET_KEY", SECRET_KEY), ("SEED_DEMO", "false")];
    command.env_clear().envs(settings).current_dir(folder).args(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    child
}

/// The exit code, standard output and standard error.
fn parts(output: Output) -> (i32, String, String) {
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// Runs a command to its end on another thread, because this one may run a server.
async fn run(from: &TestDatabase, arguments: &[&str], typed: &str) -> (i32, String, String) {
    let child = start(from.folder(), &from.url, arguments, typed);
    parts(spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap())
}

async fn copied(from: &TestDatabase, to: &TestDatabase) -> Value {
    let (code, shown, said) = run(from, &["--json", "migrate-to", &to.url], "").await;
    assert_eq!((code, said.as_str()), (0, ""), "{shown}");
    serde_json::from_str(&shown).unwrap()
}

/// Runs a copy that must fail, and returns its one line of standard error.
async fn refused(from: &TestDatabase, to: &str) -> String {
    let (code, shown, said) = run(from, &["migrate-to", to], "").await;
    assert_eq!((code, shown.as_str(), said.lines().count()), (1, "", 1), "{said}");
    said.strip_prefix("tollgate: ").unwrap().trim_end().to_owned()
}

/// A database of each kind; `None` without PostgreSQL on this machine.
async fn both() -> Option<(TestDatabase, TestDatabase)> {
    let target = TestDatabase::new(Kind::Postgres)?;
    let source = TestDatabase::new(Kind::Sqlite)?;
    source.open().await;
    Some((source, target))
}

/// Like the `sqlite3` shell, without checking foreign keys.
fn by_hand(database: &TestDatabase, sql: &str) {
    let mut connection = SqliteConnection::establish(database.url.strip_prefix("sqlite://").unwrap()).unwrap();
    // Connections that are being closed may still lock the file.
    connection.batch_execute(&format!("PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = OFF; {sql}")).unwrap();
}

/// All rows of all tables of `source`, in either database, as hexadecimal numbers.
async fn dump(source: &TestDatabase, database: &TestDatabase) -> BTreeMap<String, Vec<String>> {
    let columns = |connection: &mut DbConnection| -> Result<Vec<Column>, DbError> {
        let DbConnection::Sqlite(c) = connection else { return Ok(Vec::new()) };
        Ok(sql_query(COLUMNS).load(c)?)
    };
    let mut tables = BTreeMap::<String, Vec<String>>::new();
    for Column { table_name, column_name, declared } in source.open().await.read(columns).await.unwrap() {
        let hex = match (database.kind, declared.as_str()) {
            (Kind::Sqlite, _) => format!("iif(\"{column_name}\" IS NULL, NULL, hex(CAST(\"{column_name}\" AS BLOB)))"),
            (Kind::Postgres, "BLOB") => format!("upper(encode(\"{column_name}\", 'hex'))"),
            (Kind::Postgres, "BOOLEAN") => format!("encode((\"{column_name}\"::int::text)::bytea, 'hex')"),
            (Kind::Postgres, _) => format!("upper(encode(convert_to(\"{column_name}\"::text, 'UTF8'), 'hex'))"),
        };
        tables.entry(table_name).or_default().push(format!("coalesce({hex}, 'NULL')"));
    }
    let db = database.open().await;
    let mut dumped = BTreeMap::new();
    for (table, fields) in tables {
        let sql = format!("SELECT {} AS line FROM \"{table}\"", fields.join(" || ',' || "));
        let read = move |connection: &mut DbConnection| -> Result<Vec<Line>, DbError> {
            Ok(match connection {
                DbConnection::Sqlite(c) => sql_query(sql).load(c)?,
                DbConnection::Postgres(c) => sql_query(sql).load(c)?,
            })
        };
        let mut lines: Vec<_> = db.read(read).await.unwrap().into_iter().map(|Line { line }| line).collect();
        lines.sort();
        dumped.insert(table, lines);
    }
    dumped
}

/// Asserts that no table has a row.
async fn assert_empty(source: &TestDatabase, target: &TestDatabase) {
    let rows: Vec<_> = dump(source, target).await.into_values().flatten().collect();
    assert_eq!(rows, [""; 0]);
}

async fn connect(database: &TestDatabase) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(&database.url, NoTls).await.unwrap();
    spawn(connection);
    client
}

/// Waits until somebody in this database waits for a lock of this kind.
async fn until_waiting(client: &tokio_postgres::Client, kind: &str) {
    let waiting = "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database \
                   WHERE datname = current_database() AND locktype = $1 AND NOT granted";
    let asked = async { while client.query_one(waiting, &[&kind]).await.unwrap().get::<_, i64>(0) == 0 {} };
    timeout(TIMEOUT, asked).await.expect("somebody waits for the lock");
}

/// Adds a trigger that runs a statement inside the copy, after all users were copied and before the commit.
async fn when_users_are_copied(target: &TestDatabase, statement: &str) {
    target.open().await;
    let body = format!("BEGIN IF EXISTS (SELECT 1 FROM users) THEN {statement}; END IF; END");
    let sql = format!(
        "CREATE FUNCTION interfere() RETURNS event_trigger LANGUAGE plpgsql AS $$ {body} $$; \
         CREATE EVENT TRIGGER interfere ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION interfere()"
    );
    connect(target).await.batch_execute(&sql).await.unwrap();
}

/// What the user sees.
async fn seen(client: &Client) -> Vec<(u16, Value)> {
    let mut answers = Vec::new();
    for path in
        ["/check_session", "/meter", "/reads", "/sessions", "/subscription", "/account/audit", "/account/export"]
    {
        answers.push(client.get(path).await.parts());
    }
    assert!(answers.iter().all(|(status, _)| *status == 200), "{answers:?}");
    answers
}

#[actix_web::test]
async fn users_stay_signed_in_and_keep_everything() {
    let Some(target) = TestDatabase::new(Kind::Postgres) else { return };
    let settings = [("THROTTLE", "on"), ("READS_LIMIT", "2")];
    let before = TestServer::with(TestDatabase::new(Kind::Sqlite).unwrap(), &settings).await;
    let (ada, eve) = (before.signed_in("ada").await, before.client());
    eve.register("eve").await;
    eve.post("/login", &json!({ "username": "eve", "password": PASSWORD, "stay_signed_in": true })).await;
    before.client().register("gone").await;
    before.execute("DELETE FROM users WHERE username_key = 'gone'").await;
    assert_eq!(before.client().try_login("ada", "wrong password").await, 400);
    let granted = run(&before.database, &["grant", "eve", "--until", "2127-01-01T00:00:00Z"], "").await;
    assert_eq!(granted.0, 0, "{granted:?}");
    eve.get_until("/meter", |answer| answer.body["subscribed"] == json!(true)).await;
    before.advance(Duration::from_secs(300));
    for (client, path, status) in
        [(&ada, "/blog/1", 200), (&ada, "/blog/2", 200), (&ada, "/blog/1", 400), (&eve, "/blog/3", 200)]
    {
        assert_eq!(client.get(path).await.status, status);
    }
    let as_it_was = (seen(&ada).await, seen(&eve).await);

    // The server keeps running meanwhile.
    let counts = copied(&before.database, &target).await;
    assert_eq!((&counts["tables"]["users"], &counts["tables"]["sessions"]), (&json!(2), &json!(2)));
    let after = TestServer::with(target, &settings).await;
    after.advance(Duration::from_secs(300));
    let (ada, eve) = (ada.at(&after.address), eve.at(&after.address));
    assert_eq!((seen(&ada).await, seen(&eve).await), as_it_was);
    assert_eq!(ada.get("/blog/1").await.code(), "payment_required");
    assert_eq!(eve.get("/blog/1").await.status, 200);
    assert_eq!(after.client().register("new").await.body["id"], json!(4), "the id of who is gone is not given again");
    after.client().login("new").await;
    after.client().login("ada").await;
}

#[actix_web::test]
async fn every_row_is_copied_without_a_superuser() {
    let Some((source, mut target)) = both().await else { return };
    for sql in ROWS {
        source.execute(sql).await;
    }
    source.execute("DELETE FROM attempts WHERE id = 11").await;
    let name = target.url.rsplit('/').next().unwrap().to_owned();
    SHARED.as_ref().unwrap().execute(&format!("CREATE ROLE owner LOGIN; ALTER DATABASE {name} OWNER TO owner"));
    target.url = target.url.replace("tollgate@", "owner@");

    let counts = copied(&source, &target).await;
    let (was, is) = (dump(&source, &source).await, dump(&source, &target).await);
    assert!(was.values().all(|lines| !lines.is_empty()), "a table has no row here: {was:#?}");
    assert_eq!(is, was);
    let rows: BTreeMap<_, _> = was.iter().map(|(table, lines)| (table, lines.len())).collect();
    assert_eq!(counts, json!({ "tables": rows }));

    let client = connect(&target).await;
    for (table, next) in [("users", 10_i64), ("attempts", 12), ("outbox", 4), ("pages", 18)] {
        let next_id = format!("SELECT nextval(pg_get_serial_sequence('{table}', 'id'))");
        assert_eq!(client.query_one(&next_id, &[]).await.unwrap().get::<_, i64>(0), next, "{table}");
    }
    let off = "SELECT count(*) FROM pg_trigger WHERE tgenabled <> 'O'";
    assert_eq!(client.query_one(off, &[]).await.unwrap().get::<_, i64>(0), 0, "the triggers are on");
}

#[actix_web::test]
async fn the_output_has_the_counts_and_the_next_steps() {
    let Some((source, target)) = both().await else { return };
    // The tables may already exist.
    assert_eq!(run(&target, &["migrate"], "").await.0, 0);
    source.execute(INSERT_POST).await;
    let told = "\
attempts            0
content_refusals    0
days                0
email_codes         0
outbox              0
pages               0
post_days           0
posts               1
read_batches        0
reads               0
stripe_events       0
users               0
api_tokens          0
audit               0
customers           0
gifts               0
identities          0
invitations         0
last_refusals       0
meters              0
one_time_tokens     0
passkey_challenges  0
passkeys            0
payments            0
pending_logins      0
recovery_codes      0
refusals            0
sessions            0
subscriptions       0
totp_seeds          0
trusted_browsers    0
gift_openings       0
all data has been copied, including sessions. Now set DATABASE_URL to the new URL, and give every node the SECRET_KEY that is configured here. If the server was running meanwhile, its latest writes are missing: stop it, empty the PostgreSQL database and run the command again
";
    // The address comes on standard input because it may contain a password.
    let shown = run(&source, &["migrate-to", "-"], &format!("{}\nmore\n", target.url)).await;
    assert_eq!(shown, (0, told.to_owned(), String::new()));
}

#[actix_web::test]
async fn an_unusable_source_is_refused() {
    let source = TestDatabase::new(Kind::Sqlite).unwrap();
    let to = "postgres://ada:hunter22@127.0.0.1:1/x";
    let missing = format!(
        "no database at {}: run the command in the server's folder, with its settings, or create a new database with \
             `tollgate migrate`",
        source.folder().join("test.db").display()
    );
    assert_eq!(refused(&source, to).await, missing);
    fs::write(source.folder().join("test.db"), "").unwrap();
    let old =
        "DATABASE_URL: the database schema is not up to date; run `tollgate migrate` or start the server to migrate it";
    assert_eq!(refused(&source, to).await, old);
    let other = TestDatabase::at(Kind::Postgres, to.to_owned());
    assert_eq!(refused(&other, to).await, "DATABASE_URL must be the SQLite database to copy");
}

#[actix_web::test]
async fn an_unusable_target_is_refused_without_showing_a_password() {
    let source = TestDatabase::new(Kind::Sqlite).unwrap();
    source.open().await;
    let no_address = "URL must be postgres://<user>@<host>/<database>";
    let encode = "URL: invalid connection string: in the username and password, write @ / ? & % as %40 %2F %3F %26 %25";
    for (url, error) in [
        ("mysql://ada:hunter22@db/x", no_address),
        ("sqlite://test.db", no_address),
        ("", no_address),
        (
            "postgres://ada:hunter22@127.0.0.1:1/x",
            "URL: database unavailable: error connecting to server: Connection refused (os error 111)",
        ),
        (
            "postgres://ada:hunter22@127.0.0.1:1/x?sslmode=maybe",
            "URL: sslmode must be disable, prefer, require, verify-ca or verify-full",
        ),
        ("postgres://ada:pass@word?hunter=22@127.0.0.1:1/x", encode),
    ] {
        assert_eq!(refused(&source, url).await, error, "{url}");
        let typed = run(&source, &["migrate-to", "-"], &format!("{url}\n")).await;
        assert_eq!(typed, (1, String::new(), format!("tollgate: {error}\n")), "{url}");
    }
}

#[actix_web::test]
async fn a_target_with_data_is_refused_and_left_unchanged() {
    let Some((source, target)) = both().await else { return };
    let client = connect(&target).await;
    client.batch_execute("CREATE TABLE users (id BIGINT); INSERT INTO users VALUES (1), (2)").await.unwrap();
    assert_eq!(refused(&source, &target.url).await, "the target database is not empty: rows in users: 2");
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(client.query_one(tables, &[]).await.unwrap().get::<_, i64>(0), 1, "no migration was run");

    client.batch_execute("DROP TABLE users").await.unwrap();
    target.execute("INSERT INTO stripe_events VALUES ('evt', 1)").await;
    assert_eq!(refused(&source, &target.url).await, "the target database is not empty: rows in stripe_events: 1");
    target.execute("DELETE FROM stripe_events").await;
    copied(&source, &target).await;
}

#[actix_web::test]
async fn nothing_is_copied_if_the_schemas_differ() {
    let Some((source, target)) = both().await else { return };
    let differs = |table| {
        format!("the table {table} differs between the databases: was it created by tollgate, and by the same version?")
    };
    target.execute("ALTER TABLE meters ADD COLUMN extra TEXT").await;
    assert_eq!(refused(&source, &target.url).await, differs("meters"));
    target.execute("ALTER TABLE meters DROP COLUMN extra").await;
    for (table, columns) in [("notes", "id INTEGER"), ("floats", "id INTEGER, number REAL")] {
        by_hand(&source, &format!("CREATE TABLE {table} ({columns})"));
        assert_eq!(refused(&source, &target.url).await, differs(table));
        by_hand(&source, &format!("DROP TABLE {table}"));
    }
    copied(&source, &target).await;
}

#[actix_web::test]
async fn a_failed_copy_leaves_nothing_and_does_not_show_the_row() {
    let Some((source, target)) = both().await else { return };
    for sql in ROWS {
        source.execute(sql).await;
    }
    let text =
        |place| format!("the table {place}: text contains NUL or is not UTF-8, which PostgreSQL does not accept");
    for (spoil, mend, error) in [
        (
            "INSERT INTO subscriptions (id) VALUES ('a' || char(0))",
            "DELETE FROM subscriptions WHERE id > 'a' AND id < 'b'",
            text("subscriptions, rowid 3"),
        ),
        (
            "UPDATE posts SET title = CAST(x'ff' AS TEXT) WHERE id = 2",
            "UPDATE posts SET title = 't' WHERE id = 2",
            text("posts, rowid 2"),
        ),
        (
            "UPDATE sessions SET user_id = 8 WHERE id = 5",
            "UPDATE sessions SET user_id = 7 WHERE id = 5",
            "the table sessions: insert or update on table \"sessions\" violates foreign key constraint \"sessions_user_id_fkey\"".to_owned(),
        ),
        (
            "UPDATE reads SET metered = 2",
            "UPDATE reads SET metered = id = 4",
            "the table reads: PostgreSQL rejected a value (22P02)".to_owned(),
        ),
        (
            "PRAGMA ignore_check_constraints = 1; UPDATE users SET role = 'king' WHERE id = 7",
            "UPDATE users SET role = 'admin' WHERE id = 7",
            "the table users: new row for relation \"users\" violates check constraint \"users_role_check\"".to_owned(),
        ),
    ] {
        by_hand(&source, spoil);
        assert_eq!(refused(&source, &target.url).await, error);
        assert_empty(&source, &target).await;
        by_hand(&source, mend);
    }
    copied(&source, &target).await;
    assert_eq!(dump(&source, &target).await, dump(&source, &source).await);
}

#[actix_web::test]
async fn different_counts_roll_the_copy_back() {
    let Some((source, target)) = both().await else { return };
    for sql in ROWS {
        source.execute(sql).await;
    }
    when_users_are_copied(&target, "DELETE FROM reads WHERE id = 4").await;
    assert_eq!(refused(&source, &target.url).await, "the table reads has 3 rows in SQLite and 1 in PostgreSQL");
    assert_empty(&source, &target).await;
}

#[actix_web::test]
async fn a_killed_copy_leaves_nothing_and_can_be_repeated() {
    let Some((source, target)) = both().await else { return };
    for sql in ROWS {
        source.execute(sql).await;
    }
    when_users_are_copied(&target, "PERFORM pg_advisory_xact_lock(1)").await;
    let client = connect(&target).await;
    client.batch_execute("SELECT pg_advisory_lock(1)").await.unwrap();
    let mut copy = start(source.folder(), &source.url, &["migrate-to", &target.url], "");
    until_waiting(&client, "advisory").await;
    copy.kill().unwrap();
    copy.wait().unwrap();
    client.batch_execute("SELECT pg_advisory_unlock(1)").await.unwrap();
    assert_empty(&source, &target).await;
    copied(&source, &target).await;
    assert_eq!(dump(&source, &target).await, dump(&source, &source).await);
}

#[actix_web::test]
async fn a_row_written_as_the_copy_begins_is_noticed() {
    let Some((source, target)) = both().await else { return };
    target.open().await;
    let (client, other) = (connect(&target).await, connect(&target).await);
    other.batch_execute("BEGIN; INSERT INTO stripe_events VALUES ('evt', 1)").await.unwrap();
    let copy = start(source.folder(), &source.url, &["migrate-to", &target.url], "");
    until_waiting(&client, "relation").await;
    other.batch_execute("COMMIT").await.unwrap();
    let said = parts(spawn_blocking(move || copy.wait_with_output().unwrap()).await.unwrap());
    let error = "tollgate: the target database is not empty: rows in stripe_events: 1\n";
    assert_eq!(said, (1, String::new(), error.to_owned()));
}

#[actix_web::test]
async fn other_writers_wait_for_the_end_of_the_copy() {
    let Some((source, target)) = both().await else { return };
    for sql in ROWS {
        source.execute(sql).await;
    }
    when_users_are_copied(&target, "PERFORM pg_advisory_xact_lock(1)").await;
    let (client, other) = (connect(&target).await, connect(&target).await);
    client.batch_execute("SELECT pg_advisory_lock(1)").await.unwrap();
    let copy = start(source.folder(), &source.url, &["migrate-to", &target.url], "");
    until_waiting(&client, "advisory").await;
    // Rows written to the file during the copy are not copied, and their writers do not wait.
    source.execute("DELETE FROM users").await;
    let insert = "INSERT INTO users (username, username_key, password_hash, role, is_active, created_at) \
         VALUES ('n', 'n', 'h', 'user', TRUE, 0) RETURNING id";
    let inserted = spawn(async move { other.query_one(insert, &[]).await.unwrap().get::<_, i64>(0) });
    until_waiting(&client, "relation").await;
    client.batch_execute("SELECT pg_advisory_unlock(1)").await.unwrap();
    let (code, _, said) = parts(spawn_blocking(move || copy.wait_with_output().unwrap()).await.unwrap());
    assert_eq!((code, said.as_str(), inserted.await.unwrap()), (0, "", 10));
    let users = client.query_one("SELECT count(*) FROM users", &[]).await.unwrap();
    assert_eq!(users.get::<_, i64>(0), 3);
}
