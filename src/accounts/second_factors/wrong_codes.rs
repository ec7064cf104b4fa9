//! The limit on guessing codes: one count for all factors of an account, from wherever they are tried. It applies to
//! logins and enrolments, not to open sessions.

use std::time::Duration;

use crate::{
    accounts::{limits::quota::Quota, notices, profile::username::account_hash},
    base::{client::Client, clock::Timestamp},
    db::{DbConnection, DbError, Tx},
    mail::{Mailer, MessageKind},
    users::{
        User,
        attempts::{self, AttemptKind, AttemptScope, Limit},
        audit::{self, Event},
    },
};

/// Wrong codes for one account.
const LIMIT: Limit = Limit { kind: AttemptKind::WrongCode, max: 10, window: Duration::from_secs(15 * 60) };

/// If the limit is reached, returns when the next code is checked. The result stays valid until the end of a
/// transaction that has locked the user.
pub fn blocked_until(connection: &mut DbConnection, user: &User, now: Timestamp) -> Result<Option<Timestamp>, DbError> {
    LIMIT.blocked_until(connection, AttemptScope::Subject(&account_hash(&user.username)), now)
}

/// As [`blocked_until`], also if there were too many sign-ins.
pub(super) fn sign_in_blocked_until(
    connection: &mut DbConnection,
    user: &User,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    Ok(blocked_until(connection, user, now)?.max(Quota::SignIns.blocked_until(connection, user.id, now)?))
}

/// Records a wrong code of a locked user, who is told of the one that reaches the limit: whoever tries codes usually knows
/// the password.
pub(super) fn count(
    tx: &mut Tx<'_>,
    user: &User,
    limits_attempts: bool,
    mailer: Option<&Mailer>,
    client: &Client,
    now: Timestamp,
) -> Result<(), DbError> {
    audit::insert(tx, user.id, Event::SecondFactorFailed, client, now)?;
    if !limits_attempts {
        return Ok(());
    }
    attempts::insert(tx, AttemptKind::WrongCode, Some(&account_hash(&user.username)), None, now)?;
    if blocked_until(tx, user, now)?.is_some() {
        audit::insert(tx, user.id, Event::Throttled, client, now)?;
        notices::send(tx, mailer, MessageKind::SecondFactorBlocked, user, client, now)?;
    }
    Ok(())
}
