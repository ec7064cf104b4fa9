//! The limits that currently keep a user from signing in.

use std::fmt;

use serde::Serialize;

use super::{quota, throttle};
use crate::{
    accounts::{profile::username::account_hash, second_factors},
    base::clock::Timestamp,
    db::{DbConnection, DbError},
    users::{User, attempts},
};

/// A limit that has been reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lockout {
    pub reason: Reason,
    /// The network whose passwords are not checked, if it is only one.
    pub network: Option<String>,
    pub until: Timestamp,
}

/// What exceeded its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Wrong passwords. If they came from several networks, browsers that have signed in to the account before are not
    /// affected.
    WrongPasswords,
    SignIns,
    /// Wrong codes of a second factor.
    WrongCodes,
}

impl fmt::Display for Lockout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reason, network, until } = self;
        match (reason, network) {
            (Reason::WrongCodes, _) => write!(f, "locked out: too many wrong codes, until {until}"),
            (Reason::SignIns, _) => write!(f, "locked out: too many sign-ins, until {until}"),
            (Reason::WrongPasswords, Some(network)) => write!(f, "locked out: from {network} until {until}"),
            (Reason::WrongPasswords, None) => write!(f, "locked out: from unknown browsers until {until}"),
        }
    }
}

/// Lists the lockouts of an account. A locked-out network is only found if it has tried this account.
pub fn list(connection: &mut DbConnection, user: &User, now: Timestamp) -> Result<Vec<Lockout>, DbError> {
    let networks = attempts::networks(connection, &account_hash(&user.username))?;
    of(connection, user, networks, now)
}

pub(in crate::accounts) fn of(
    connection: &mut DbConnection,
    user: &User,
    networks: Vec<String>,
    now: Timestamp,
) -> Result<Vec<Lockout>, DbError> {
    let account = account_hash(&user.username);
    let mut found = Vec::new();
    let mut add = |reason, network, until: Option<Timestamp>| {
        found.extend(until.map(|until| Lockout { reason, network, until }));
    };
    for network in networks {
        let until = throttle::network_blocked_until(connection, &account, &network, now)?;
        add(Reason::WrongPasswords, Some(network), until);
    }
    add(Reason::WrongPasswords, None, throttle::account_blocked_until(connection, &account, now)?);
    add(Reason::WrongCodes, None, second_factors::blocked_until(connection, user, now)?);
    add(Reason::SignIns, None, quota::first_step_blocked_until(connection, user.id, false, now)?);
    Ok(found)
}
