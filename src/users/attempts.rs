//! The table `attempts`: what the limits on guessing, on names and on messages count. The counts are stored in the
//! database, so they survive a restart and are shared by all nodes.

use std::time::Duration;

use diesel::prelude::*;
use serde::Serialize;
use strum::IntoStaticStr;

use crate::{
    base::clock::Timestamp,
    db::{
        DbConnection, DbError, Tx,
        advisory_lock::AdvisoryLock,
        dispatch,
        macros::{delete_batch, nth_last},
        schema::attempts,
    },
};

/// The longest time for which attempts count, and are kept.
pub const KEPT: Duration = Duration::from_secs(60 * 60);

/// SHA-256 of what is tried: the name of an account, whether or not an account has it, or a message to an address.
pub type Subject = [u8; 32];

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum AttemptKind {
    WrongPassword,
    /// A wrong code, or the wrong passkey, as a second factor.
    WrongCode,
    Registration,
    /// A request for a message that anyone can trigger.
    MailRequest,
}

/// Which attempts of a kind are counted together.
#[derive(Clone, Copy, Debug)]
pub enum AttemptScope<'a> {
    SubjectAndNetwork(&'a Subject, &'a str),
    Network(&'a str),
    Subject(&'a Subject),
}

/// At most `max` attempts in `window`, which is not longer than [`KEPT`].
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub kind: AttemptKind,
    pub max: i64,
    pub window: Duration,
}

impl Limit {
    /// If the limit is reached, returns when the next attempt is allowed: when the oldest of the last `max` leaves the
    /// window.
    pub fn blocked_until(
        self,
        connection: &mut DbConnection,
        scope: AttemptScope<'_>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, DbError> {
        let oldest = self.oldest(connection, scope, now.before(self.window), now.latest_plausible())?;
        Ok(oldest.map(|at| at.after(self.window)))
    }

    /// The time of the `max`-th latest attempt after `since` and up to `until`; `None` if there are fewer.
    fn oldest(
        self,
        connection: &mut DbConnection,
        scope: AttemptScope<'_>,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Timestamp>, DbError> {
        let (kind, max) = (attempts::kind.eq(self.kind.into_str()), self.max);
        match scope {
            AttemptScope::SubjectAndNetwork(subject, network) => {
                let is_one = kind.and(attempts::subject.eq(subject.as_slice())).and(attempts::network.eq(network));
                nth_last!(connection, attempts.at, is_one, max, since, until)
            }
            AttemptScope::Network(network) => {
                nth_last!(connection, attempts.at, kind.and(attempts::network.eq(network)), max, since, until)
            }
            AttemptScope::Subject(subject) => {
                let is_one = kind.and(attempts::subject.eq(subject.as_slice()));
                nth_last!(connection, attempts.at, is_one, max, since, until)
            }
        }
    }
}

/// Serializes transactions that count attempts of this kind from a network, so that no two decide on the same count. A
/// transaction that also locks the subject does so first ([`AdvisoryLock::Hash`]): a fixed order prevents deadlocks.
pub fn lock_network(tx: &mut Tx<'_>, kind: AttemptKind, network: &str) -> Result<(), DbError> {
    AdvisoryLock::AttemptsOfNetwork { kind: kind.into_str(), network }.acquire(tx)
}

/// Adds an attempt. Where a limit depends on it, the caller has locked what is counted.
pub fn insert(
    tx: &mut Tx<'_>,
    kind: AttemptKind,
    subject: Option<&Subject>,
    network: Option<&str>,
    now: Timestamp,
) -> Result<(), DbError> {
    let row = (
        attempts::kind.eq(kind.into_str()),
        attempts::subject.eq(subject.map(Subject::as_slice)),
        attempts::network.eq(network),
        attempts::at.eq(now),
    );
    dispatch!(tx.connection(), |c| diesel::insert_into(attempts::table).values(row).execute(c))?;
    Ok(())
}

/// The networks from which wrong passwords for an account came.
pub fn networks(connection: &mut DbConnection, account: &Subject) -> Result<Vec<String>, DbError> {
    let found: Vec<Option<String>> = dispatch!(connection, |c| attempts::table
        .filter(attempts::kind.eq(AttemptKind::WrongPassword.into_str()))
        .filter(attempts::subject.eq(account.as_slice()))
        .select(attempts::network)
        .distinct()
        .order(attempts::network)
        .load(c))?;
    Ok(found.into_iter().flatten().collect())
}

/// A wrong password as its user may see it.
#[derive(Clone, Debug, Serialize, Queryable, Selectable)]
#[diesel(table_name = attempts)]
pub struct WrongPassword {
    pub at: Timestamp,
    pub network: Option<String>,
}

/// The last `limit` wrong passwords for an account with ids below `before`, newest first, each with its id.
pub fn wrong_passwords(
    connection: &mut DbConnection,
    account: &Subject,
    before: i64,
    limit: i64,
) -> Result<Vec<(i64, WrongPassword)>, DbError> {
    let found = dispatch!(connection, |c| attempts::table
        .filter(attempts::kind.eq(AttemptKind::WrongPassword.into_str()))
        .filter(attempts::subject.eq(account.as_slice()))
        .filter(attempts::id.lt(before))
        .order(attempts::id.desc())
        .limit(limit)
        .select((attempts::id, WrongPassword::as_select()))
        .load(c));
    Ok(found?)
}

/// Moves the attempts on one account to another, for a user who changes the username.
pub fn rename(tx: &mut Tx<'_>, from: &Subject, to: &Subject) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| diesel::update(attempts::table)
        .filter(attempts::subject.eq(from.as_slice()))
        .set(attempts::subject.eq(to.as_slice()))
        .execute(c))?;
    Ok(())
}

/// Deletes the attempts of a kind on an account, from one network or from all, and returns their number.
pub fn delete(tx: &mut Tx<'_>, kind: AttemptKind, account: &Subject, network: Option<&str>) -> Result<usize, DbError> {
    let is_one = attempts::kind.eq(kind.into_str()).and(attempts::subject.eq(account.as_slice()));
    let deleted = dispatch!(tx.connection(), |c| match network {
        Some(network) => {
            diesel::delete(attempts::table).filter(is_one.and(attempts::network.eq(network))).execute(c)
        }
        None => diesel::delete(attempts::table).filter(is_one).execute(c),
    });
    Ok(deleted?)
}

/// Deletes up to `max` attempts that no longer count and returns their number.
pub fn delete_outdated(tx: &mut Tx<'_>, now: Timestamp, max: i64) -> Result<usize, DbError> {
    delete_batch!(tx, attempts.id: i64, attempts::at.lt(now.before(KEPT)), max)
}
