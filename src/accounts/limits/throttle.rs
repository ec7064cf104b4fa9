//! Limits on guessing passwords and registering names. The counts are stored in the database, so they survive a restart
//! and are shared by all nodes.

use std::time::Duration;

use super::{
    failed_passwords::{self, AccountHash, FailedPassword, Scope},
    registrations,
};
use crate::{
    accounts::{passwords::Requester, profile::username::account_hash},
    base::{client::Client, clock::Timestamp},
    db::{DbConnection, DbError, Tx},
};

pub(in crate::accounts) const MINUTES_5: Duration = Duration::from_secs(5 * 60);
pub(in crate::accounts) const HOUR: Duration = Duration::from_secs(60 * 60);

/// Wrong passwords for one account from one network in five minutes.
const MAX_HERE: i64 = 5;
/// Wrong passwords from one network in five minutes, for any accounts.
const MAX_FROM_NETWORK: i64 = 30;
/// Wrong passwords for one account in an hour, from anywhere.
const MAX_FOR_ACCOUNT: i64 = 100;
/// Registrations from one network in an hour, and other attempts to use a name or an address that was taken.
const MAX_REGISTRATIONS: i64 = 20;

/// The longest time for which counts matter.
pub(in crate::accounts) const LONGEST: Duration = HOUR;

/// An attempt to sign in or re-authenticate with a password.
#[derive(Clone, Debug)]
pub(in crate::accounts) struct Attempt {
    account: AccountHash,
    network: String,
    /// A known browser is only throttled by wrong passwords from its own network (OWASP's "device cookies"). Otherwise,
    /// strangers could lock the owner out by guessing continuously.
    pub(in crate::accounts) is_known_browser: bool,
    pub(in crate::accounts) is_counted: bool,
    pub(in crate::accounts) now: Timestamp,
}

/// The result of counting a wrong password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::accounts) enum Counted {
    /// The failure was counted; `is_last` says whether it has used up the limit.
    Yes { is_last: bool },
    /// Other attempts that were checked at the same time have used up the limit.
    BlockedUntil(Timestamp),
}

impl Attempt {
    pub(in crate::accounts) fn new(
        name: &str,
        client: &Client,
        is_known_browser: bool,
        is_counted: bool,
        now: Timestamp,
    ) -> Self {
        Self { account: account_hash(name), network: client.network(), is_known_browser, is_counted, now }
    }

    pub(in crate::accounts) fn requester(&self) -> Requester {
        Requester::from_parts(self.network.clone(), self.account)
    }

    /// If a limit is reached, returns when the next password is checked.
    pub(in crate::accounts) fn blocked_until(
        &self,
        connection: &mut DbConnection,
    ) -> Result<Option<Timestamp>, DbError> {
        if !self.is_counted {
            return Ok(None);
        }
        let network = network_blocked_until(connection, &self.account, &self.network, self.now)?;
        if self.is_known_browser {
            return Ok(network);
        }
        Ok(network.max(account_blocked_until(connection, &self.account, self.now)?))
    }

    /// Counts a wrong password. Of several that are checked at the same time, no more than the limit are reported as
    /// wrong.
    pub(in crate::accounts) fn count(&self, tx: &mut Tx<'_>) -> Result<Counted, DbError> {
        if !self.is_counted {
            return Ok(Counted::Yes { is_last: false });
        }
        failed_passwords::lock(tx, &self.account, &self.network)?;
        if let Some(until) = self.blocked_until(tx)? {
            return Ok(Counted::BlockedUntil(until));
        }
        failed_passwords::insert(tx, &self.account, &self.network, self.now)?;
        Ok(Counted::Yes { is_last: self.blocked_until(tx)?.is_some() })
    }

    /// Clears the wrong passwords for this account from this network after a successful attempt.
    pub(in crate::accounts) fn clear(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        failed_passwords::delete(tx, &self.account, Some(&self.network)).map(drop)
    }
}

/// Forgets the wrong passwords for an account that is deleted.
pub(in crate::accounts) fn delete_of_user(tx: &mut Tx<'_>, username: &str) -> Result<(), DbError> {
    failed_passwords::delete(tx, &account_hash(username), None).map(drop)
}

/// Returns up to `limit` wrong passwords for a user's account, newest first, starting before the one with the id
/// `before`.
pub fn failed_passwords(
    connection: &mut DbConnection,
    username: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<(i64, FailedPassword)>, DbError> {
    failed_passwords::page(connection, &account_hash(username), before, limit)
}

/// If a limit is reached, returns when the next password for this account from this network is checked.
pub(in crate::accounts) fn network_blocked_until(
    connection: &mut DbConnection,
    account: &AccountHash,
    network: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let here = blocked_until(connection, Scope::AccountAndNetwork(account, network), MAX_HERE, MINUTES_5, now)?;
    Ok(here.max(blocked_until(connection, Scope::Network(network), MAX_FROM_NETWORK, MINUTES_5, now)?))
}

/// If the limit is reached, returns when the next password for this account from an unknown browser is checked.
pub(in crate::accounts) fn account_blocked_until(
    connection: &mut DbConnection,
    account: &AccountHash,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    blocked_until(connection, Scope::Account(account), MAX_FOR_ACCOUNT, HOUR, now)
}

fn blocked_until(
    connection: &mut DbConnection,
    scope: Scope<'_>,
    max: i64,
    window: Duration,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    // This is a sliding window: another attempt is allowed when the oldest of the last `max` leaves it.
    let (since, until) = (now.before(window), now.latest_plausible());
    let oldest = failed_passwords::nth_last(connection, scope, max, since, until)?;
    Ok(oldest.map(|at| at.after(window)))
}

/// Counts a registration from a network. If the limit is reached, returns when the next one is allowed.
///
/// It is counted before it is attempted, and also if the name turns out to be taken, because that reveals which names
/// are registered.
pub(in crate::accounts) fn count_registration(
    tx: &mut Tx<'_>,
    client: &Client,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let network = client.network();
    registrations::lock(tx, &network)?;
    let blocked_until = registrations_blocked_until(tx, client, now)?;
    if blocked_until.is_none() {
        registrations::insert(tx, &network, now)?;
    }
    Ok(blocked_until)
}

/// If the limit is reached, returns when a network may again register or try names.
pub(in crate::accounts) fn registrations_blocked_until(
    connection: &mut DbConnection,
    client: &Client,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let (since, until) = (now.before(HOUR), now.latest_plausible());
    let oldest = registrations::nth_last(connection, &client.network(), MAX_REGISTRATIONS, since, until)?;
    Ok(oldest.map(|at| at.after(HOUR)))
}
