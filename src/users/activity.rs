//! The column `last_seen_at` of the table `users`: finds accounts that are no longer used.

use diesel::{
    dsl::{exists, not, sql},
    prelude::*,
    sql_types::Bool,
};

use super::{User, role::Role};
use crate::{
    base::clock::Timestamp,
    db::{
        DbConnection, DbError, Tx, dispatch,
        schema::{sessions, users},
    },
};

/// Excludes users with subscriptions that Stripe may still charge for, even if no event arrived for longer than the
/// grace period.
const NOT_CHARGED: &str = "NOT EXISTS (SELECT 1 FROM subscriptions WHERE subscriptions.user_id = users.id \
    AND ended_at IS NULL AND status IN ('active', 'trialing', 'past_due')) \
    AND NOT EXISTS (SELECT 1 FROM customers JOIN subscriptions ON subscriptions.customer = customers.id \
    WHERE customers.user_id = users.id AND subscriptions.user_id IS NULL \
    AND ended_at IS NULL AND status IN ('active', 'trialing', 'past_due'))";

/// Records that an account was used. Only the first use of a day (UTC) writes.
pub fn update_last_seen(tx: &mut Tx<'_>, user_id: i64, now: Timestamp) -> Result<(), DbError> {
    let today = Timestamp::from_day(now.day());
    let is_due = users::last_seen_at.is_null().or(users::last_seen_at.lt(today));
    dispatch!(tx.connection(), |c| diesel::update(users::table.find(user_id).filter(is_due))
        .set(users::last_seen_at.eq(now))
        .execute(c))?;
    Ok(())
}

/// When the account was last used; `None` if that is unknown or the user does not exist.
pub fn find_last_seen(connection: &mut DbConnection, user_id: i64) -> Result<Option<Timestamp>, DbError> {
    let found = users::table.find(user_id).select(users::last_seen_at);
    let found: Option<Option<Timestamp>> = dispatch!(connection, |c| found.get_result(c).optional())?;
    Ok(found.flatten())
}

/// Sets `last_seen_at` to `now` for up to `max` accounts whose last use is unknown, and returns their number.
pub fn start_last_seen(tx: &mut Tx<'_>, now: Timestamp, max: i64) -> Result<usize, DbError> {
    dispatch!(tx.connection(), |c| {
        let unknown = users::table.filter(users::last_seen_at.is_null());
        let ids: Vec<i64> = unknown.order(users::id).limit(max).select(users::id).load(c)?;
        let unknown = users::table.filter(users::id.eq_any(ids)).filter(users::last_seen_at.is_null());
        Ok(diesel::update(unknown).set(users::last_seen_at.eq(now)).execute(c)?)
    })
}

/// Finds the account that has been unused for longest, if that is since before `before`, and locks it until the
/// transaction ends. Admins, editors, subscribers and users with a live session are skipped.
pub fn lock_inactive(tx: &mut Tx<'_>, before: Timestamp, now: Timestamp) -> Result<Option<User>, DbError> {
    let is_live =
        sessions::user_id.eq(users::id).and(sessions::idle_expires_at.gt(now).and(sessions::expires_at.gt(now)));
    let inactive = users::table
        .filter(users::last_seen_at.lt(before))
        .filter(users::role.eq(Role::User))
        .filter(users::subscribed_until.is_null().or(users::subscribed_until.le(now)))
        .filter(not(exists(sessions::table.filter(is_live))))
        .filter(sql::<Bool>(NOT_CHARGED))
        .order(users::last_seen_at)
        .limit(1);
    let found = match tx.connection() {
        DbConnection::Sqlite(c) => inactive.select(User::as_select()).get_result(c).optional(),
        // A concurrent login changes `last_seen_at`; PostgreSQL re-checks the conditions for rows changed in the
        // meantime.
        DbConnection::Postgres(c) => {
            let inactive = inactive.select(User::as_select()).for_no_key_update().skip_locked();
            inactive.get_result(c).optional()
        }
    };
    Ok(found?)
}
