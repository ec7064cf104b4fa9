//! Limits on guessing passwords and registering names.

use std::time::Duration;

use crate::{
    accounts::{
        passwords::Requester,
        profile::username::{AccountHash, account_hash},
    },
    base::{client::Client, clock::Timestamp},
    db::{DbConnection, DbError, Tx, advisory_lock::AdvisoryLock},
    users::attempts::{self, AttemptKind, AttemptScope, Limit, WrongPassword},
};

pub(in crate::accounts) const MINUTES_5: Duration = Duration::from_secs(5 * 60);
pub(in crate::accounts) const HOUR: Duration = Duration::from_secs(60 * 60);

/// Wrong passwords for one account from one network.
const HERE: Limit = Limit { kind: AttemptKind::WrongPassword, max: 5, window: MINUTES_5 };
/// Wrong passwords from one network, for any accounts.
const FROM_NETWORK: Limit = Limit { kind: AttemptKind::WrongPassword, max: 30, window: MINUTES_5 };
/// Wrong passwords for one account, from any network.
const FOR_ACCOUNT: Limit = Limit { kind: AttemptKind::WrongPassword, max: 100, window: HOUR };
/// Registrations from one network, and other attempts to use a name or an address that was taken.
const REGISTRATIONS: Limit = Limit { kind: AttemptKind::Registration, max: 20, window: HOUR };

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
        AdvisoryLock::Hash(&self.account).acquire(tx)?;
        attempts::lock_network(tx, AttemptKind::WrongPassword, &self.network)?;
        if let Some(until) = self.blocked_until(tx)? {
            return Ok(Counted::BlockedUntil(until));
        }
        attempts::insert(tx, AttemptKind::WrongPassword, Some(&self.account), Some(&self.network), self.now)?;
        Ok(Counted::Yes { is_last: self.blocked_until(tx)?.is_some() })
    }

    /// Clears the wrong passwords for this account from this network after a successful attempt.
    pub(in crate::accounts) fn clear(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        attempts::delete(tx, AttemptKind::WrongPassword, &self.account, Some(&self.network)).map(drop)
    }
}

/// Forgets the wrong passwords and codes of an account, and returns their number.
pub(in crate::accounts) fn forget(tx: &mut Tx<'_>, account: &AccountHash) -> Result<usize, DbError> {
    Ok(attempts::delete(tx, AttemptKind::WrongPassword, account, None)?
        + attempts::delete(tx, AttemptKind::WrongCode, account, None)?)
}

/// Returns up to `limit` wrong passwords for a user's account, newest first, starting before the one with the id
/// `before`.
pub fn wrong_passwords(
    connection: &mut DbConnection,
    username: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<(i64, WrongPassword)>, DbError> {
    attempts::wrong_passwords(connection, &account_hash(username), before, limit)
}

/// If a limit is reached, returns when the next password for this account from this network is checked.
pub(in crate::accounts) fn network_blocked_until(
    connection: &mut DbConnection,
    account: &AccountHash,
    network: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let here = HERE.blocked_until(connection, AttemptScope::SubjectAndNetwork(account, network), now)?;
    Ok(here.max(FROM_NETWORK.blocked_until(connection, AttemptScope::Network(network), now)?))
}

/// If the limit is reached, returns when the next password for this account from an unknown browser is checked.
pub(in crate::accounts) fn account_blocked_until(
    connection: &mut DbConnection,
    account: &AccountHash,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    FOR_ACCOUNT.blocked_until(connection, AttemptScope::Subject(account), now)
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
    attempts::lock_network(tx, AttemptKind::Registration, &network)?;
    let blocked_until = registrations_blocked_until(tx, client, now)?;
    if blocked_until.is_none() {
        attempts::insert(tx, AttemptKind::Registration, None, Some(&network), now)?;
    }
    Ok(blocked_until)
}

/// If the limit is reached, returns when a network may again register or try names.
pub(in crate::accounts) fn registrations_blocked_until(
    connection: &mut DbConnection,
    client: &Client,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    REGISTRATIONS.blocked_until(connection, AttemptScope::Network(&client.network()), now)
}
