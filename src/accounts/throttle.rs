//! How often passwords may be guessed and names registered. Counted in the database: a restart forgets nothing, and
//! nodes share it.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{Username, credentials::Requester};
use crate::{
    client::Client,
    clock::Timestamp,
    db::{DbConnection, DbError},
    models::{
        failed_passwords::{self, AccountHash, Scope},
        registrations,
    },
};

pub(super) const MINUTES_5: Duration = Duration::from_secs(5 * 60);
pub(super) const HOUR: Duration = Duration::from_secs(60 * 60);

/// Wrong passwords for one account from one network in five minutes.
const MAX_HERE: i64 = 5;
/// Wrong passwords from one network in five minutes, for any accounts.
const MAX_FROM_NETWORK: i64 = 30;
/// Wrong passwords for one account in an hour, from anywhere.
const MAX_FOR_ACCOUNT: i64 = 100;
/// Registrations from one network in an hour, and other tries for a name or an address that was taken.
const MAX_REGISTRATIONS: i64 = 20;

/// How long counts matter, at most.
pub(super) const LONGEST: Duration = HOUR;

/// Nodes' clocks differ by a second or so. What was noted later than so long after now was noted before the clock was set
/// back: counted, it would hold people back until the clock is there again.
pub(super) const AHEAD: Duration = Duration::from_secs(10);

/// One try at a password.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    account: AccountHash,
    network: String,
    /// Such a browser is held back by the guesses of its own network only: OWASP's "device cookies". Otherwise strangers
    /// could keep the owner out by guessing without end.
    is_known_browser: bool,
    pub(super) is_counted: bool,
    pub(super) now: Timestamp,
}

/// What became of a wrong password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// It is counted; whether it was the last one for now.
    Yes { is_last: bool },
    /// Others that were checked at the same time have used up the limit.
    RefusedUntil(Timestamp),
}

/// The name as it is counted: nobody's name is counted like somebody's. Not the name itself, as people type passwords
/// into the wrong field.
pub(super) fn account_hash(name: &str) -> AccountHash {
    let key = Username::lookup_key(name).unwrap_or_else(|| name.to_owned());
    Sha256::digest(key.as_bytes()).into()
}

impl Attempt {
    pub(super) fn new(name: &str, client: &Client, is_known_browser: bool, is_counted: bool, now: Timestamp) -> Self {
        Self { account: account_hash(name), network: client.network(), is_known_browser, is_counted, now }
    }

    /// Who the password is hashed for.
    pub(super) fn requester(&self) -> Requester {
        Requester::from_parts(self.network.clone(), self.account)
    }

    /// Until when no more passwords are checked, where a limit is reached.
    pub(super) fn refused_until(&self, connection: &mut DbConnection) -> Result<Option<Timestamp>, DbError> {
        if !self.is_counted {
            return Ok(None);
        }
        let network = network_refused_until(connection, &self.account, &self.network, self.now)?;
        if self.is_known_browser {
            return Ok(network);
        }
        Ok(network.max(account_refused_until(connection, &self.account, self.now)?))
    }

    /// Counts a wrong password. Of any number that are checked at once no more than the limit are told so.
    pub(super) fn count(&self, connection: &mut DbConnection) -> Result<Counted, DbError> {
        if !self.is_counted {
            return Ok(Counted::Yes { is_last: false });
        }
        failed_passwords::lock(connection, &self.account, &self.network)?;
        if let Some(until) = self.refused_until(connection)? {
            return Ok(Counted::RefusedUntil(until));
        }
        failed_passwords::insert(connection, &self.account, &self.network, self.now)?;
        Ok(Counted::Yes { is_last: self.refused_until(connection)?.is_some() })
    }

    /// Forgets the wrong passwords for this account from this network: the right one was given.
    pub(super) fn clear(&self, connection: &mut DbConnection) -> Result<(), DbError> {
        failed_passwords::delete(connection, &self.account, Some(&self.network)).map(drop)
    }
}

/// Until when no passwords for an account are checked that come from a network, if a limit is reached.
pub(super) fn network_refused_until(
    connection: &mut DbConnection,
    account: &AccountHash,
    network: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let here = refused_until(connection, Scope::AccountAndNetwork(account, network), MAX_HERE, MINUTES_5, now)?;
    Ok(here.max(refused_until(connection, Scope::Network(network), MAX_FROM_NETWORK, MINUTES_5, now)?))
}

/// Until when no passwords for an account are checked that come from an unknown browser, if the limit is reached.
pub(super) fn account_refused_until(
    connection: &mut DbConnection,
    account: &AccountHash,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    refused_until(connection, Scope::Account(account), MAX_FOR_ACCOUNT, HOUR, now)
}

fn refused_until(
    connection: &mut DbConnection,
    scope: Scope<'_>,
    max: i64,
    window: Duration,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    // The window slides: there is room again when the oldest of the last `max` leaves it.
    let oldest = failed_passwords::nth_last(connection, scope, max, now.before(window), now.after(AHEAD))?;
    Ok(oldest.map(|at| at.after(window)))
}

/// Counts a registration from a network; until when there is no room for it, where the limit is reached.
///
/// Counted before it is tried, also where the name turns out to be taken: that tells who is registered.
pub(super) fn count_registration(
    connection: &mut DbConnection,
    client: &Client,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let network = client.network();
    registrations::lock(connection, &network)?;
    let refused_until = registrations_refused_until(connection, client, now)?;
    if refused_until.is_none() {
        registrations::insert(connection, &network, now)?;
    }
    Ok(refused_until)
}

/// Until when a network may neither register nor try names, if the limit is reached.
pub(super) fn registrations_refused_until(
    connection: &mut DbConnection,
    client: &Client,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let (since, until) = (now.before(HOUR), now.after(AHEAD));
    let oldest = registrations::nth_last(connection, &client.network(), MAX_REGISTRATIONS, since, until)?;
    Ok(oldest.map(|at| at.after(HOUR)))
}
