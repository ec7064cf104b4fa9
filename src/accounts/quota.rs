//! How often an account can be signed in to and changed, by whoever has its password.
//!
//! What is counted is the audit: each of these events is in it anyway, in the transaction of what happened. A table of
//! counts beside it was turned down; it would hold the same instants again, to be swept, exported and deleted.

use std::time::Duration;

use super::throttle::{AHEAD, HOUR, MINUTES_5};
use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError},
    models::audit::{self, Event},
};

/// What is limited for each account.
#[derive(Clone, Copy, Debug)]
pub(super) enum Quota {
    /// Successful sign-ins.
    SignIns,
    /// Changes of the name, the address or the password.
    Changes,
}

impl Quota {
    /// The events that count, how many of them are allowed, and in which time.
    fn limit(self) -> (&'static [Event], i64, Duration) {
        match self {
            Self::SignIns => (&[Event::SignedIn], 30, MINUTES_5),
            Self::Changes => (&[Event::AccountChanged, Event::PasswordChanged], 20, HOUR),
        }
    }

    /// Until when nothing more of this is allowed, if the limit is reached. It holds until the end of a transaction that
    /// has locked the user.
    pub(super) fn refused_until(
        self,
        connection: &mut DbConnection,
        user_id: i64,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, DbError> {
        let (events, max, window) = self.limit();
        let oldest = audit::nth_last(connection, user_id, events, max, now.before(window), now.after(AHEAD))?;
        Ok(oldest.map(|at| at.after(window)))
    }
}
