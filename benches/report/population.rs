//! Databases with up to a million users and sessions, some of whose cookies are known.

use actix_web::cookie::{Cookie, CookieJar, Key};
use diesel::{RunQueryDsl, sql_query, sql_types::Binary};
use sha2::{Digest, Sha256};
use tollgate::{
    base::clock::Clock,
    config::Config,
    db::{Db, DbConnection, DbError, Tx},
    paywall::posts::samples,
};

use crate::support::{
    database::{TestDatabase, execute},
    server::SECRET_KEY,
};

pub(crate) const POSTS: usize = 100;

/// How many users have cookies that are known, at most.
pub(crate) const MOST_KNOWN: usize = 1000;

/// Rows per write, because a query has a time limit.
const CHUNK: usize = 20_000;

/// Fills a database with users, each with a session. Returns the cookies of the first `known` of them.
pub(crate) async fn fill(database: &TestDatabase, users: usize, known: usize) -> Vec<String> {
    let db = database.open().await;
    db.write(|tx| samples::insert(tx, Clock::system().now())).await.unwrap();
    db.write(add_posts).await.unwrap();
    for start in (0..users).step_by(CHUNK) {
        add(&db, start + 1, (start + CHUNK).min(users), known).await;
    }
    (1..=known).map(|user| cookie(&token(user))).collect()
}

/// Copies the first sample post until there are [`POSTS`].
fn add_posts(tx: &mut Tx<'_>) -> Result<(), DbError> {
    let copy = "INSERT INTO posts (title, slug, data, excerpt, published, access, created_at) \
                SELECT title, slug, data, excerpt, published, access, created_at FROM posts \
                WHERE id = 1 AND (SELECT count(*) FROM posts)";
    while execute(tx, &format!("{copy} < {POSTS}"))? > 0 {}
    Ok(())
}

/// Adds the users from `first` to `last`. The tokens of those up to `known` follow from their numbers.
async fn add(db: &Db, first: usize, last: usize, known: usize) {
    let now = Clock::system().now().millis();
    let (day, week) = (now + 86_400_000, now + 7 * 86_400_000);
    let write = move |tx: &mut Tx<'_>| -> Result<(), DbError> {
        let (numbers, random) = match tx.connection() {
            DbConnection::Sqlite(_) => (
                format!("WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})"),
                "randomblob(32)",
            ),
            DbConnection::Postgres(_) => {
                (format!("WITH n(i) AS (SELECT generate_series({first}, {last}))"), "sha256(random()::text::bytea)")
            }
        };
        let users = format!(
            "{numbers} INSERT INTO users (id, username, username_key, password_hash, role, is_active, created_at) \
             SELECT i, 'reader' || i, 'reader' || i, 'none', 'user', TRUE, {now} FROM n"
        );
        execute(tx, &users)?;
        let columns = "token_hash, user_id, stay_signed_in, state, created_at, last_seen_at, idle_expires_at, expires_at, \
                       fresh_until";
        let rest = format!("FALSE, '{{}}', {now}, {now}, {day}, {week}, 0");
        let sessions =
            format!("{numbers} INSERT INTO sessions ({columns}) SELECT {random}, i, {rest} FROM n WHERE i > {known}");
        execute(tx, &sessions)?;
        for number in first..=last.min(known) {
            let hash = Sha256::digest(token(number)).to_vec();
            let session = format!("INSERT INTO sessions ({columns}) VALUES ($1, {number}, {rest})");
            match tx.connection() {
                DbConnection::Sqlite(c) => sql_query(session).bind::<Binary, _>(hash).execute(c)?,
                DbConnection::Postgres(c) => sql_query(session).bind::<Binary, _>(hash).execute(c)?,
            };
        }
        Ok(())
    };
    db.write(write).await.unwrap();
}

pub(crate) fn token(number: usize) -> String {
    format!("{number:043}")
}

/// The cookie as the server signs it.
fn cookie(token: &str) -> String {
    let mut jar = CookieJar::new();
    jar.signed_mut(&session_key()).add(Cookie::new("session", token.to_owned()));
    jar.get("session").unwrap().encoded().to_string()
}

/// The key that signs the cookies of sessions.
pub(crate) fn session_key() -> Key {
    let settings = [("SECRET_KEY".to_owned(), SECRET_KEY.to_owned())].into();
    let secret = Config::from_values(settings).unwrap().cookie.secret_key.unwrap();
    Key::from(&secret.derive::<64>("session"))
}
