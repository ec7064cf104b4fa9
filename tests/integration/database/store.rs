//! The session store, modelled on the suite that actix-session runs against its own stores.

use std::{collections::HashMap, time::Duration};

use actix_session::storage::{SaveError, SessionKey, SessionStore};
use actix_web::cookie::time::Duration as CookieDuration;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Binary};
use futures_util::future::{join, join_all};
use serde_json::json;
use sha2::{Digest, Sha256};
use tollgate::{
    base::{client::Client, clock::Clock},
    config::{Config, RetentionConfig, SessionConfig},
    credentials::sessions::{self, LoadedSession, SessionKind, Sessions, Transport},
    db::{CacheTag, Db, DbConnection, DbError, Tx},
    http::DbSessionStore,
    jobs::cleanup,
    users::{
        Role,
        audit::{self, Event},
    },
};

use crate::support::{
    database::{TestDatabase, execute},
    fixtures::{DAY, HOUR, insert_user},
    server::START,
};

/// The lifetime that the middleware passes. The store ignores it: each login has its own.
const TTL: CookieDuration = CookieDuration::DAY;

fn kind(stay_signed_in: bool) -> SessionKind {
    SessionKind { stay_signed_in, transport: Transport::Cookie }
}

struct Bench {
    sessions: Sessions,
    store: DbSessionStore,
    clock: Clock,
    db: Db,
    config: SessionConfig,
    database: TestDatabase,
}

impl Bench {
    /// A store, and the users 1 and 2.
    async fn new(database: TestDatabase) -> Self {
        let users = "INSERT INTO users (id, username, username_key, password_hash, role, is_active, created_at) \
                     VALUES (1, 'ada', 'ada', 'h', 'user', TRUE, 0), (2, 'eve', 'eve', 'h', 'user', TRUE, 0)";
        database.execute(users).await;
        let (db, clock) = (database.open().await, Clock::manual(START));
        db.watch().unwrap();
        let config = Config::from_values(HashMap::new()).unwrap().session;
        let sessions = Sessions::new(db.clone(), clock.clone(), config);
        Self { store: DbSessionStore::new(sessions.clone()), sessions, clock, db, config, database }
    }

    async fn save(&self, user_id: i64, stay_signed_in: bool) -> SessionKey {
        self.save_with(user_id, stay_signed_in, HashMap::new()).await
    }

    /// Opens a session and saves it as the middleware does.
    async fn save_with(&self, user_id: i64, stay_signed_in: bool, rest: HashMap<String, String>) -> SessionKey {
        let (config, now) = (self.config, self.clock.now());
        let open =
            move |tx: &mut Tx<'_>| sessions::issue(tx, &config, user_id, kind(stay_signed_in), None, &client(), now);
        let opened = self.db.write(open).await.unwrap();
        let token = ("issued_token".to_owned(), json!(opened.token).to_string());
        self.store.save(rest.into_iter().chain([token]).collect(), &TTL).await.unwrap()
    }

    async fn load(&self, key: &SessionKey) -> Option<HashMap<String, String>> {
        self.store.load(key).await.unwrap()
    }

    async fn find(&self, key: &SessionKey) -> LoadedSession {
        self.sessions.find(key.as_ref(), self.clock.now()).await.unwrap().unwrap()
    }

    /// Runs a statement as this process would.
    async fn execute(&self, sql: &'static str) {
        let statement = |tx: &mut Tx<'_>| {
            tx.invalidate(CacheTag::All);
            execute(tx, sql)
        };
        self.db.write(statement).await.unwrap();
    }

    async fn rows(&self) -> usize {
        self.db.write(|tx| execute(tx, "UPDATE sessions SET state = state")).await.unwrap()
    }
}

fn client() -> Client {
    Client::new([127, 0, 0, 1].into(), Some("tests"))
}

fn same(key: &SessionKey) -> SessionKey {
    key.as_ref().to_owned().try_into().unwrap()
}

#[both_databases::test]
async fn an_unknown_key_loads_nothing(database: TestDatabase) {
    let bench = Bench::new(database).await;
    for key in ["", "x", &"x".repeat(4064), "' OR 1=1 --", "\u{0}"] {
        assert!(bench.load(&key.to_owned().try_into().unwrap()).await.is_none(), "{key:?}");
    }
}

#[both_databases::test]
async fn a_saved_session_can_be_loaded(database: TestDatabase) {
    let bench = Bench::new(database).await;
    let rest = HashMap::from([("theme".to_owned(), "\"dark \u{1f319}\"".to_owned())]);
    let key = bench.save_with(1, false, rest.clone()).await;
    assert_eq!(bench.load(&key).await.unwrap(), rest);
    let found = bench.find(&key).await;
    assert_eq!((found.principal.user_id, &*found.principal.username, found.state()), (1, "ada", rest));
}

#[both_databases::test]
async fn keys_are_long_and_random(database: TestDatabase) {
    let bench = Bench::new(database).await;
    let (first, second) = (bench.save(1, false).await, bench.save(1, false).await);
    assert_ne!(first, second);
    assert!(first.as_ref().len() >= 43);
}

#[both_databases::test]
async fn only_a_hash_of_the_key_is_stored(database: TestDatabase) {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Binary)]
        token_hash: Vec<u8>,
    }
    let bench = Bench::new(database).await;
    let key = bench.save(1, false).await;
    let read = |connection: &mut DbConnection| -> Result<Row, DbError> {
        let sql = "SELECT token_hash FROM sessions";
        Ok(match connection {
            DbConnection::Sqlite(c) => sql_query(sql).get_result(c)?,
            DbConnection::Postgres(c) => sql_query(sql).get_result(c)?,
        })
    };
    let row = bench.db.read(read).await.unwrap();
    assert_eq!(row.token_hash, Sha256::digest(key.as_ref()).to_vec());
}

#[both_databases::test]
async fn the_token_of_an_app_is_not_accepted_as_the_value_of_a_cookie(database: TestDatabase) {
    let bench = Bench::new(database).await;
    let (config, now) = (bench.config, bench.clock.now());
    let app = SessionKind { stay_signed_in: false, transport: Transport::Bearer };
    let open = move |tx: &mut Tx<'_>| sessions::issue(tx, &config, 1, app, None, &client(), now);
    let token = bench.db.write(open).await.unwrap().token;
    assert!(bench.sessions.find_bearer(&token, now).await.unwrap().is_some());
    assert!(bench.store.load(&SessionKey::try_from(token).unwrap()).await.unwrap().is_none());
    let cookie = bench.save(1, false).await;
    assert!(bench.sessions.find(cookie.as_ref(), now).await.unwrap().is_some());
    assert!(bench.sessions.find_bearer(cookie.as_ref(), now).await.unwrap().is_none());
}

#[both_databases::test]
async fn a_session_without_a_user_is_not_saved(database: TestDatabase) {
    let bench = Bench::new(database).await;
    let nobody = bench.store.save(HashMap::from([("theme".to_owned(), "1".to_owned())]), &TTL).await;
    assert!(matches!(nobody, Err(SaveError::Other(_))));
    let (config, now) = (bench.config, bench.clock.now());
    let open = move |tx: &mut Tx<'_>| sessions::issue(tx, &config, 99, kind(false), None, &client(), now).map(drop);
    let stranger = bench.db.write(open).await;
    assert!(matches!(stranger, Err(DbError::MissingReference(_))), "there is no such user: {stranger:?}");
    assert_eq!(bench.rows().await, 0);
}

#[both_databases::test]
async fn an_update_changes_the_state_but_not_the_key_or_expiry(database: TestDatabase) {
    let bench = Bench::new(database).await;
    let key = bench.save(1, false).await;
    let ends = bench.find(&key).await.principal.expires_at;
    bench.clock.advance(Duration::from_secs(1));
    let mut state = bench.load(&key).await.unwrap();
    state.insert("theme".to_owned(), "1".to_owned());
    assert_eq!(bench.store.update(same(&key), state, &TTL).await.unwrap(), key);
    assert_eq!(bench.load(&key).await.unwrap()["theme"], "1");
    assert_eq!(bench.find(&key).await.principal.expires_at, ends);
}

#[both_databases::test]
async fn an_update_does_not_revive_a_deleted_session(database: TestDatabase) {
    let bench = Bench::new(database).await;
    let key = bench.save(1, false).await;
    let state = bench.load(&key).await.unwrap();
    bench.store.delete(&key).await.unwrap();
    bench.store.update(same(&key), state.clone(), &TTL).await.unwrap();
    bench.store.update_ttl(&key, &TTL).await.unwrap();
    assert!(bench.load(&key).await.is_none());

    let over = bench.save(1, false).await;
    bench.clock.advance(DAY);
    bench.store.update(same(&over), state, &TTL).await.unwrap();
    bench.store.update_ttl(&over, &TTL).await.unwrap();
    assert!(bench.load(&over).await.is_none());
}

#[both_databases::test]
async fn update_ttl_extends_the_idle_expiry_up_to_the_absolute_expiry(database: TestDatabase) {
    let bench = Bench::new(database).await;
    let key = bench.save(1, false).await;
    bench.store.update_ttl(&key, &CookieDuration::HOUR).await.unwrap();
    assert_eq!(bench.find(&key).await.principal.idle_expires_at, START.after(HOUR));
    bench.store.update_ttl(&key, &CookieDuration::weeks(52)).await.unwrap();
    assert_eq!(bench.find(&key).await.principal.idle_expires_at, START.after(7 * DAY));
}

#[both_databases::test]
async fn delete_ends_one_session_and_is_idempotent(database: TestDatabase) {
    let bench = Bench::new(database).await;
    let (ended, other) = (bench.save(1, false).await, bench.save(1, true).await);
    for _ in 0..2 {
        bench.store.delete(&ended).await.unwrap();
    }
    assert!(bench.load(&ended).await.is_none());
    assert!(bench.load(&other).await.is_some());
}

#[both_databases::test]
async fn every_login_has_its_own_lifetime(database: TestDatabase) {
    let bench = Bench::new(database).await;
    let (brief, kept) = (bench.save(1, false).await, bench.save(1, true).await);
    bench.clock.advance(DAY - Duration::from_millis(1));
    assert!(bench.load(&brief).await.is_some());
    bench.clock.advance(DAY);
    assert!(bench.load(&brief).await.is_none(), "a day idle");
    assert!(bench.load(&kept).await.is_some());
    bench.clock.advance(30 * DAY);
    assert!(bench.load(&kept).await.is_none(), "thirty days idle");
}

#[both_databases::test]
async fn a_late_load_extends_the_idle_expiry_once(database: TestDatabase) {
    let bench = Bench::new(database).await;
    let key = bench.save(1, false).await;
    bench.clock.advance(HOUR);
    let found = join_all((0..20).map(|_| bench.find(&key))).await;
    let is_later = |found: &LoadedSession| found.principal.idle_expires_at == START.after(HOUR + DAY);
    assert!(found.iter().all(|found| is_later(found) || !found.renewed));
    let found = bench.find(&key).await;
    assert!(is_later(&found) && !found.renewed);
}

#[both_databases::test]
async fn the_sessions_of_a_disabled_user_end_and_stay_ended(database: TestDatabase) {
    let bench = Bench::new(database).await;
    let (key, other) = (bench.save(1, false).await, bench.save(2, false).await);
    bench.execute("UPDATE users SET is_active = FALSE WHERE id = 1").await;
    assert!(bench.load(&key).await.is_none());
    bench.execute("UPDATE users SET is_active = TRUE WHERE id = 1").await;
    assert!(bench.load(&key).await.is_none());
    assert!(bench.load(&other).await.is_some());
    let events = bench.db.read(|connection| audit::list(connection, 1, 10)).await.unwrap();
    assert_eq!(events.iter().map(|entry| entry.event).collect::<Vec<_>>(), [Event::Disabled]);
}

#[both_databases::test]
async fn the_audit_is_append_only(database: TestDatabase) {
    let bench = Bench::new(database).await;
    let note = |tx: &mut Tx<'_>| audit::insert(tx, 1, Event::SignedIn, &client(), START);
    bench.db.write(note).await.unwrap();
    let changed = bench.db.write(|tx| execute(tx, "UPDATE audit SET event = 'failed'")).await;
    assert!(changed.unwrap_err().to_string().contains("append only"));
}

#[both_databases::test]
async fn the_next_load_sees_changes_of_the_user(database: TestDatabase) {
    let bench = Bench::new(database).await;
    let key = bench.save(1, false).await;
    bench.execute("UPDATE users SET role = 'admin', email = 'ada@example.org' WHERE id = 1").await;
    let principal = bench.find(&key).await.principal;
    assert_eq!((principal.role, principal.email.as_deref()), (Role::Admin, Some("ada@example.org")));
}

#[both_databases::test]
async fn a_delete_wins_over_simultaneous_updates_and_loads(database: TestDatabase) {
    let bench = Bench::new(database).await;
    for _ in 0..20 {
        let key = bench.save(1, false).await;
        let state = bench.load(&key).await.unwrap();
        bench.clock.advance(2 * Duration::from_secs(60));
        let others = join_all((0..10).map(|_| async {
            let _ = bench.store.load(&key).await.unwrap();
            bench.store.update(same(&key), state.clone(), &TTL).await.unwrap();
            bench.store.update_ttl(&key, &TTL).await.unwrap();
        }));
        let (_, deleted) = join(others, bench.store.delete(&key)).await;
        deleted.unwrap();
        assert!(bench.load(&key).await.is_none());
    }
}

#[both_databases::test]
async fn cleanup_deletes_only_expired_rows(database: TestDatabase) {
    let bench = Bench::new(database).await;
    for id in 3..=17 {
        bench.database.execute(&insert_user(id)).await;
    }
    // In parts, because a query waits no longer than ten seconds for those before it.
    for _ in 0..20 {
        join_all((0..75).map(|number| bench.save(3 + number % 15, false))).await;
    }
    let kept = bench.save(1, true).await;
    let note = |tx: &mut Tx<'_>| audit::insert(tx, 1, Event::SignedIn, &client(), START);
    bench.db.write(note).await.unwrap();
    let failed = "INSERT INTO attempts (kind, subject, network, at) SELECT 'wrong_password', token_hash, 'n', created_at FROM sessions WHERE stay_signed_in";
    bench.database.execute(failed).await;
    let keep = RetentionConfig { audit: 2 * DAY, reads: 60 * DAY, inactive_accounts: None };
    let cleanup = async || cleanup::cleanup(&bench.db, bench.clock.now(), keep).await.unwrap();
    bench.clock.advance(HOUR);
    assert_eq!(cleanup().await, 0);
    bench.clock.advance(DAY);
    assert_eq!(cleanup().await, 1501, "sessions, and what failed more than an hour ago");
    assert_eq!(bench.rows().await, 1);
    assert!(bench.load(&kept).await.is_some());
    bench.clock.advance(DAY);
    assert_eq!(cleanup().await, 1, "the event");
}
