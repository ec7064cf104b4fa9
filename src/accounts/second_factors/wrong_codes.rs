//! The limit on guessing codes: one count for all factors of an account, from wherever they are tried. It applies to
//! logins and enrolments, not to open sessions.

use std::time::Duration;

use crate::{
    accounts::{
        limits::{failed_factors, quota::Quota},
        notices,
    },
    base::{client::Client, clock::Timestamp},
    db::{DbConnection, DbError, Tx},
    mail::{Kind, Mailer},
    users::{
        User,
        audit::{self, Event},
    },
};

/// Wrong codes of one account in fifteen minutes.
const MAX: i64 = 10;

/// The time in which wrong codes count.
pub const WINDOW: Duration = Duration::from_secs(15 * 60);

/// If the limit is reached, returns when the next code is checked. The result stays valid until the end of a
/// transaction that has locked the user.
pub fn blocked_until(
    connection: &mut DbConnection,
    user_id: i64,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let (since, until) = (now.before(WINDOW), now.latest_plausible());
    let oldest = failed_factors::nth_last(connection, user_id, MAX, since, until)?;
    Ok(oldest.map(|at| at.after(WINDOW)))
}

/// As [`blocked_until`], also if there were too many sign-ins.
pub(super) fn sign_in_blocked_until(
    connection: &mut DbConnection,
    user_id: i64,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    Ok(blocked_until(connection, user_id, now)?.max(Quota::SignIns.blocked_until(connection, user_id, now)?))
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
    failed_factors::insert(tx, user.id, now)?;
    if blocked_until(tx, user.id, now)?.is_some() {
        audit::insert(tx, user.id, Event::Throttled, client, now)?;
        notices::send(tx, mailer, Kind::SecondFactorBlocked, user, client, now)?;
    }
    Ok(())
}
