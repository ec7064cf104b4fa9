//! The session store, in the manner of the suite that actix-session holds its own stores against.

use std::{collections::HashMap, time::Duration};

use actix_session::storage::{SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration as CookieDuration;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Binary};
use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tollgate::{
    clock::Clock,
    config::Config,
    db::{Db, DbConnection, DbError},
    session::{DbSessionStore, sweeper},
};

use crate::{
    on_both_databases,
    support::{
        database::{TestDatabase, execute},
        server::START,
    },
};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// What the middleware passes; each login has a lifetime of its own instead.
const TTL: CookieDuration = CookieDuration::DAY;

struct Bench {
    store: DbSessionStore,
    clock: Clock,
    db: Db,
    database: TestDatabase,
}

impl Bench {
    /// A store, and the users 1 and 2.
    async fn new(database: TestDatabase) -> Self {
        let users = "INSERT INTO users (id, username, username_key, password_hash, created_at) \
                     VALUES (1, 'ada', 'ada', 'h', 0), (2, 'eve', 'eve', 'h', 0)";
        database.execute(users).await;
        let (db, clock) = (database.open().await, Clock::manual(START));
        let config = Config::from_values(HashMap::new()).unwrap().session;
        Self { store: DbSessionStore::new(db.clone(), clock.clone(), config), clock, db, database }
    }

    async fn save(&self, user_id: i64, stay_signed_in: bool) -> SessionKey {
        self.store.save(self.login(user_id, stay_signed_in), &TTL).await.unwrap()
    }

    fn login(&self, user_id: i64, stay_signed_in: bool) -> HashMap<String, String> {
        let login = json!({ "user_id": user_id, "stay_signed_in": stay_signed_in, "at": self.clock.now().millis() });
        HashMap::from([("login".to_owned(), login.to_string())])
    }

    async fn load(&self, key: &SessionKey) -> Option<HashMap<String, String>> {
        self.store.load(key).await.unwrap()
    }

    async fn principal(&self, key: &SessionKey) -> Value {
        serde_json::from_str(&self.load(key).await.unwrap()["principal"]).unwrap()
    }

    async fn rows(&self) -> usize {
        self.db.write(|connection| execute(connection, "UPDATE sessions SET state = state")).await.unwrap()
    }
}

fn same(key: &SessionKey) -> SessionKey {
    key.as_ref().to_owned().try_into().unwrap()
}

on_both_databases! {
    async fn an_unknown_key_loads_nothing(database) {
        let bench = Bench::new(database).await;
        for key in ["", "x", &"x".repeat(4064), "' OR 1=1 --", "\u{0}"] {
            assert!(bench.load(&key.to_owned().try_into().unwrap()).await.is_none(), "{key:?}");
        }
    }

    async fn what_is_saved_is_loaded(database) {
        let bench = Bench::new(database).await;
        let mut state = bench.login(1, false);
        state.insert("theme".to_owned(), "\"dark \u{1f319}\"".to_owned());
        let key = bench.store.save(state.clone(), &TTL).await.unwrap();
        let mut loaded = bench.load(&key).await.unwrap();
        let principal: Value = serde_json::from_str(&loaded.remove("principal").unwrap()).unwrap();
        assert_eq!((&principal["user_id"], &principal["username"]), (&json!(1), &json!("ada")));
        let login = |state: &HashMap<String, String>| serde_json::from_str::<Value>(&state["login"]).unwrap();
        assert_eq!((login(&loaded), &loaded["theme"]), (login(&state), &state["theme"]));
    }

    async fn keys_are_long_random_and_different(database) {
        let bench = Bench::new(database).await;
        let (first, second) = (bench.save(1, false).await, bench.save(1, false).await);
        assert_ne!(first, second);
        assert!(first.as_ref().len() >= 64);
    }

    async fn only_a_hash_of_the_key_is_stored(database) {
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

    async fn a_session_of_nobody_is_not_saved(database) {
        let bench = Bench::new(database).await;
        let nobody = bench.store.save(HashMap::from([("theme".to_owned(), "1".to_owned())]), &TTL).await;
        assert!(matches!(nobody, Err(SaveError::Serialization(_))));
        let stranger = bench.store.save(bench.login(99, false), &TTL).await;
        assert!(matches!(stranger, Err(SaveError::Other(_))), "there is no such user");
        assert_eq!(bench.rows().await, 0);
    }

    async fn an_update_changes_the_state_and_keeps_the_key_and_the_ends(database) {
        let bench = Bench::new(database).await;
        let key = bench.save(1, false).await;
        let ends = bench.principal(&key).await["expires_at"].clone();
        bench.clock.advance(Duration::from_secs(1));
        let mut state = bench.load(&key).await.unwrap();
        state.insert("theme".to_owned(), "1".to_owned());
        assert_eq!(bench.store.update(same(&key), state, &TTL).await.unwrap(), key);
        assert_eq!(bench.load(&key).await.unwrap()["theme"], "1");
        assert_eq!(bench.principal(&key).await["expires_at"], ends);
    }

    async fn an_update_does_not_bring_back_what_is_gone(database) {
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

    async fn an_update_cannot_give_a_session_to_another_user(database) {
        let bench = Bench::new(database).await;
        let key = bench.save(1, false).await;
        let mut state = bench.login(2, false);
        state.insert("theme".to_owned(), "1".to_owned());
        bench.store.update(same(&key), state, &TTL).await.unwrap();
        assert_eq!(bench.principal(&key).await["user_id"], json!(1));
        let nobody = bench.store.update(same(&key), HashMap::new(), &TTL).await;
        assert!(matches!(nobody, Err(UpdateError::Serialization(_))));
    }

    async fn update_ttl_moves_the_idle_end_but_not_past_the_last(database) {
        let bench = Bench::new(database).await;
        let key = bench.save(1, false).await;
        bench.store.update_ttl(&key, &CookieDuration::HOUR).await.unwrap();
        assert_eq!(bench.principal(&key).await["idle_expires_at"], json!(START.after(HOUR).millis()));
        bench.store.update_ttl(&key, &CookieDuration::weeks(52)).await.unwrap();
        assert_eq!(bench.principal(&key).await["idle_expires_at"], json!(START.after(7 * DAY).millis()));
    }

    async fn delete_ends_one_session_and_may_be_repeated(database) {
        let bench = Bench::new(database).await;
        let (ended, other) = (bench.save(1, false).await, bench.save(1, true).await);
        for _ in 0..2 {
            bench.store.delete(&ended).await.unwrap();
        }
        assert!(bench.load(&ended).await.is_none());
        assert!(bench.load(&other).await.is_some());
    }

    async fn each_login_has_its_own_lifetime(database) {
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

    async fn a_load_that_comes_late_moves_the_idle_end_once(database) {
        let bench = Bench::new(database).await;
        let key = bench.save(1, false).await;
        bench.clock.advance(HOUR);
        let renewed = join_all((0..20).map(|_| bench.principal(&key))).await;
        assert!(renewed.iter().all(|principal| principal["idle_expires_at"] == json!(START.after(HOUR + DAY).millis()) || principal["renewed"] == json!(false)));
        assert_eq!(bench.principal(&key).await["renewed"], json!(false));
    }

    async fn a_disabled_user_has_no_sessions_until_enabled_again(database) {
        let bench = Bench::new(database).await;
        let key = bench.save(1, false).await;
        bench.database.execute("UPDATE users SET is_active = FALSE WHERE id = 1").await;
        assert!(bench.load(&key).await.is_none());
        bench.database.execute("UPDATE users SET is_active = TRUE WHERE id = 1").await;
        assert!(bench.load(&key).await.is_some());
    }

    async fn a_change_of_the_user_shows_at_the_next_load(database) {
        let bench = Bench::new(database).await;
        let key = bench.save(1, false).await;
        bench.database.execute("UPDATE users SET role = 'admin', email = 'ada@example.org' WHERE id = 1").await;
        let principal = bench.principal(&key).await;
        assert_eq!((&principal["role"], &principal["email"]), (&json!("admin"), &json!("ada@example.org")));
    }

    async fn a_delete_wins_over_updates_and_loads_at_the_same_time(database) {
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

    async fn the_sweeper_deletes_what_is_over_and_nothing_else(database) {
        let bench = Bench::new(database).await;
        join_all((0..1500).map(|_| bench.save(1, false))).await;
        let kept = bench.save(1, true).await;
        assert_eq!(sweeper::sweep(&bench.db, &bench.clock).await.unwrap(), 0);
        bench.clock.advance(DAY);
        assert_eq!(sweeper::sweep(&bench.db, &bench.clock).await.unwrap(), 1500);
        assert_eq!(bench.rows().await, 1);
        assert!(bench.load(&kept).await.is_some());
    }
}
