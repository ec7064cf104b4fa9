//! Looking up an API token, in the cache or in the database.

use std::{ops::Deref, sync::Arc, time::Duration};

use tokio::time::timeout;

use super::{ApiToken, PREFIX, TokenHash};
use crate::{
    base::clock::{Clock, Timestamp},
    credentials::{api_tokens, token_text},
    db::{Cache, CacheTag, Db, DbError, Tx},
    users::{User, activity, identity::Identity},
};

/// The minimum time between two recorded uses of a token. Recording each use would make every request a write.
const RECORD_EVERY: Duration = Duration::from_secs(60);

/// How long a request waits for the record: a write that another process delays must not delay readers.
const RECORD_WITHIN: Duration = Duration::from_secs(1);

/// The table `api_tokens`, cached in memory.
///
/// A token is found only if it has not expired and its user may sign in.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the database handle does not implement it")]
pub struct Tokens {
    db: Db,
    clock: Clock,
    cache: Arc<Cache<TokenHash, TokenPrincipal>>,
}

impl Tokens {
    /// Caches up to `capacity` tokens.
    #[must_use]
    pub fn new(db: Db, clock: Clock, capacity: usize) -> Self {
        let cache = Arc::new(db.cache("api_tokens", capacity));
        Self { db, clock, cache }
    }

    /// Finds the live token with this text, and records its use unless that was done recently.
    pub async fn find(&self, text: &str) -> Result<Option<Arc<TokenPrincipal>>, DbError> {
        let Some(hash) = token_text::parse(PREFIX, text) else { return Ok(None) };
        let now = self.clock.now();
        let cached = self.cache.get(&hash);
        match cached.filter(|principal| is_live(&principal.token, now) && !is_due(&principal.token, now)) {
            Some(cached) => Ok(Some(cached)),
            None => self.load(hash, now).await,
        }
    }

    async fn load(&self, hash: TokenHash, now: Timestamp) -> Result<Option<Arc<TokenPrincipal>>, DbError> {
        let read_at = self.cache.version();
        let find = move |connection: &mut _| api_tokens::find_live(connection, &hash, now);
        let Some((mut token, user)) = self.db.read::<_, DbError, _>(find).await? else { return Ok(None) };
        let user_id = user.id;
        self.record_use(&mut token, user_id, now).await;
        let is_cacheable = !is_due(&token, now);
        let principal = Arc::new(TokenPrincipal::new(token, user));
        if is_cacheable {
            self.cache.insert(hash, principal.clone(), CacheTag::User(user_id), read_at);
        }
        Ok(Some(principal))
    }

    /// Records that the token was used, unless that was done recently. A read-only or full database must not stop the
    /// users of tokens: a failed write is logged and the request continues.
    async fn record_use(&self, token: &mut ApiToken, user_id: i64, now: Timestamp) {
        if !is_due(token, now) {
            return;
        }
        let (id, not_since, ahead) = (token.id, now.before(RECORD_EVERY), now.latest_plausible());
        let is_first_of_day = token.last_used_at.is_none_or(|last| last.day() != now.day());
        let record = move |tx: &mut Tx<'_>| {
            if is_first_of_day {
                // Locked first, because deleting an account locks the user before the tokens.
                activity::update_last_seen(tx, user_id, now)?;
            }
            api_tokens::record_use(tx, id, not_since, ahead, now)
        };
        let error = match timeout(RECORD_WITHIN, self.db.write(record)).await {
            Ok(Ok(())) => {
                token.last_used_at = Some(now);
                return;
            }
            Ok(Err(error)) => error,
            Err(_) => DbError::Unavailable(format!("no response within {RECORD_WITHIN:?}")),
        };
        tracing::warn!(%error, "failed to record the use of an API token");
    }
}

fn is_live(token: &ApiToken, now: Timestamp) -> bool {
    token.expires_at.is_none_or(|expires_at| now < expires_at)
}

/// Whether the use of the token must be recorded.
fn is_due(token: &ApiToken, now: Timestamp) -> bool {
    token.last_used_at.is_none_or(|last| last <= now.before(RECORD_EVERY) || last.is_implausible(now))
}

#[derive(Clone, Debug)]
pub struct TokenPrincipal {
    pub user: Identity,
    pub token: ApiToken,
}

impl TokenPrincipal {
    pub(super) fn new(token: ApiToken, user: User) -> Self {
        Self { user: user.into(), token }
    }
}

/// Most callers ask about the user.
impl Deref for TokenPrincipal {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.user
    }
}
