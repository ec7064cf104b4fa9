//! Limits on how often an account can be signed in to and changed by someone who has its password.
//!
//! The audit log is what is counted: it contains each of these events anyway, written in the same transaction. A
//! separate table of counters was rejected, because it would store the same timestamps again, to be cleaned up,
//! exported and deleted. Changes by operators count as well, as the audit log does not distinguish who made them.

use std::time::Duration;

use super::throttle::{HOUR, MINUTES_5};
use crate::{
    base::clock::Timestamp,
    credentials::pending_logins,
    db::{DbConnection, DbError},
    users::audit::{self, Event},
};

/// The longest time in which events count.
pub(in crate::accounts) const LONGEST: Duration = HOUR;

/// An action that is limited for each account.
#[derive(Clone, Copy, Debug)]
pub(in crate::accounts) enum Quota {
    SignIns,
    /// Changes of the username, the email address or the password.
    Changes,
    /// Adding and removing second factors and replacing recovery codes, each of which sends a notice.
    FactorChanges,
    /// Accounts at OpenID Connect providers that are linked and unlinked, each of which sends a notice.
    Identities,
    /// New API tokens, each of which sends a notice.
    ApiTokens,
}

impl Quota {
    /// The events that count, the maximum number of them, and the time window.
    fn limit(self) -> (&'static [Event], i64, Duration) {
        match self {
            Self::SignIns => (&[Event::SignedIn], 30, MINUTES_5),
            Self::Changes => {
                (&[Event::AccountChanged, Event::PasswordChanged, Event::PasswordReset, Event::EmailVerified], 20, HOUR)
            }
            Self::FactorChanges => {
                (&[Event::SecondFactorAdded, Event::SecondFactorRemoved, Event::RecoveryCodesReplaced], 20, HOUR)
            }
            Self::Identities => (&[Event::IdentityAdded, Event::IdentityRemoved], 20, HOUR),
            Self::ApiTokens => (&[Event::ApiTokenCreated], 20, HOUR),
        }
    }

    /// If the limit is reached, returns when the next action is allowed. The result stays valid until the end of a
    /// transaction that has locked the user.
    pub(in crate::accounts) fn blocked_until(
        self,
        connection: &mut DbConnection,
        user_id: i64,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, DbError> {
        let (events, max, window) = self.limit();
        let (since, until) = (now.before(window), now.latest_plausible());
        let oldest = audit::nth_last(connection, user_id, events, max, since, until)?;
        Ok(oldest.map(|at| at.after(window)))
    }
}

/// As [`Quota::blocked_until`] for the first step of a sign-in, whose right passwords count also if the second factor is not
/// proved: each of them clears the count of wrong ones and costs as much as a login. The second step is not refused for
/// that, nor a browser that has signed in to the account before, so that whoever only has the password locks nobody out.
pub(in crate::accounts) fn first_step_blocked_until(
    connection: &mut DbConnection,
    user_id: i64,
    is_known_browser: bool,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let of_sign_ins = Quota::SignIns.blocked_until(connection, user_id, now)?;
    if is_known_browser {
        return Ok(of_sign_ins);
    }
    let (_, max, window) = Quota::SignIns.limit();
    let oldest = pending_logins::nth_last(connection, user_id, max, now.before(window), now.latest_plausible())?;
    Ok(of_sign_ins.max(oldest.map(|at| at.after(window))))
}
