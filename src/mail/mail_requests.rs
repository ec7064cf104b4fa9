//! The table `mail_requests`: messages of the last hour that anybody could trigger, for rate limiting.

use diesel::prelude::*;

use crate::{
    base::clock::Timestamp,
    db::{
        DbConnection, DbError, Tx,
        advisory_lock::AdvisoryLock,
        dispatch,
        query_macros::{delete_batch, nth_last},
        schema::mail_requests,
    },
};

/// SHA-256 of a normalized address, whether or not it belongs to anybody.
pub type AddressHash = [u8; 32];

/// Which requests are counted together.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    AddressAndKind(&'a AddressHash, &'a str),
    Network(&'a str),
}

/// The time of the `nth` last request after `since` and up to `until`; `None` if there are fewer.
pub fn nth_last(
    connection: &mut DbConnection,
    scope: Scope<'_>,
    nth: i64,
    since: Timestamp,
    until: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    match scope {
        Scope::AddressAndKind(address, kind) => {
            let is_one = mail_requests::address.eq(address.as_slice()).and(mail_requests::kind.eq(kind));
            nth_last!(connection, mail_requests.at, is_one, nth, since, until)
        }
        Scope::Network(network) => {
            nth_last!(connection, mail_requests.at, mail_requests::network.eq(network), nth, since, until)
        }
    }
}

/// Serializes transactions that count requests for this address or from this network. Always the address before the
/// network: a fixed order prevents deadlocks.
pub fn lock(tx: &mut Tx<'_>, address: &AddressHash, network: &str) -> Result<(), DbError> {
    lock_address(tx, address)?;
    lock_network(tx, network)
}

/// Serializes transactions that count requests for this address.
pub fn lock_address(tx: &mut Tx<'_>, address: &AddressHash) -> Result<(), DbError> {
    AdvisoryLock::Hash(address).acquire(tx)
}

/// Serializes transactions that count requests from this network. After the address, if both are locked.
pub fn lock_network(tx: &mut Tx<'_>, network: &str) -> Result<(), DbError> {
    AdvisoryLock::MailRequestsOfNetwork(network).acquire(tx)
}

pub fn insert(
    tx: &mut Tx<'_>,
    kind: &str,
    address: &AddressHash,
    network: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let row = (
        mail_requests::kind.eq(kind),
        mail_requests::address.eq(address.as_slice()),
        mail_requests::network.eq(network),
        mail_requests::at.eq(now),
    );
    dispatch!(tx.connection(), |c| diesel::insert_into(mail_requests::table).values(row).execute(c))?;
    Ok(())
}

/// Deletes up to `max` rows before `before` and returns their number.
pub fn delete_before(tx: &mut Tx<'_>, before: Timestamp, max: i64) -> Result<usize, DbError> {
    delete_batch!(tx, mail_requests.id: i64, mail_requests::at.lt(before), max)
}
