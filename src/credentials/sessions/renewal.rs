//! Extending the idle expiry of sessions that are in use.

use std::time::Duration;

use tokio::time::timeout;

use super::{Session, TokenHash, issue::Expiry, lookup::Sessions};
use crate::{
    base::clock::Timestamp,
    credentials::sessions,
    db::{DbError, Tx},
    users::activity,
};

/// The minimum time between two recorded uses of a session. Recording each use would make every request a write.
const RENEW_EVERY: Duration = Duration::from_secs(60);

/// The minimum number of renewals per idle time. If the interval were always a minute, a session with `SESSION_IDLE=1m`
/// would expire while in use.
const RENEWALS_PER_IDLE_TIME: u32 = 10;

/// How long a request waits for a renewal: a write that another process delays must not delay readers.
const RENEW_WITHIN: Duration = Duration::from_secs(1);

impl Sessions {
    /// Extends the idle expiry unless that was done recently, and returns whether it was done now. If the last use
    /// is ahead of the clock, the expiry times are clamped to those of a session that starts now.
    ///
    /// A read-only or full database must not sign everyone out: the session is still valid, so a failed write is logged
    /// and the request continues.
    pub(super) async fn renew(&self, token: TokenHash, session: &mut Session, now: Timestamp) -> bool {
        if !self.needs_renewal(session.last_seen_at, session.stay_signed_in, now) {
            return false;
        }
        let not_since = self.not_since(session.stay_signed_in, now);
        let is_ahead = session.last_seen_at.is_implausible(now);
        let renewed = self.renewed(session.clone(), is_ahead, now);
        let written = renewed.clone();
        let is_first_of_day = session.last_seen_at.day() != now.day();
        let renew = move |tx: &mut Tx<'_>| {
            if is_first_of_day {
                // Locked first, because deleting an account and changing its password lock the user before the
                // sessions.
                activity::update_last_seen(tx, written.user_id, now)?;
            }
            match is_ahead {
                true => sessions::clamp_to_now(tx, &token, now.latest_plausible(), now, &written),
                false => sessions::renew(tx, &token, not_since, now, written.idle_expires_at),
            }
        };
        let error = match timeout(RENEW_WITHIN, self.db.write(renew)).await {
            Ok(Ok(())) => {
                *session = renewed;
                return true;
            }
            Ok(Err(error)) => error,
            Err(_) => DbError::Unavailable(format!("no response within {RENEW_WITHIN:?}")),
        };
        tracing::warn!(%error, "failed to renew a session");
        false
    }

    pub(super) fn needs_renewal(&self, last_seen_at: Timestamp, stay_signed_in: bool, now: Timestamp) -> bool {
        last_seen_at <= self.not_since(stay_signed_in, now) || last_seen_at.is_implausible(now)
    }

    /// A session that was used after this time need not be renewed.
    fn not_since(&self, stay_signed_in: bool, now: Timestamp) -> Timestamp {
        now.before(RENEW_EVERY.min(self.config.lifetime(stay_signed_in).idle / RENEWALS_PER_IDLE_TIME))
    }

    /// Returns the session after a renewal. `last_seen_at` is not updated, because the session is read again before it
    /// is cached.
    fn renewed(&self, mut session: Session, is_ahead: bool, now: Timestamp) -> Session {
        let expiry = Expiry::new(self.config.lifetime(session.stay_signed_in), now);
        if is_ahead {
            session.expires_at = session.expires_at.min(expiry.expires_at);
            session.fresh_until = session.fresh_until.min(now.after(self.config.fresh));
        }
        session.idle_expires_at = expiry.idle_expires_at.min(session.expires_at);
        session
    }
}
