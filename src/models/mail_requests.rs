//! The table `mail_requests`: messages of the last hour that anybody could trigger, for rate limiting.

use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text},
};

use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError, Tx, dispatch, schema::mail_requests},
    models::delete_batch::delete_batch,
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
    macro_rules! last {
        ($c:expr, $filter:expr) => {
            mail_requests::table
                .filter($filter)
                .filter(mail_requests::at.gt(since))
                .filter(mail_requests::at.le(until))
                .order(mail_requests::at.desc())
                .offset(nth - 1)
                .limit(1)
                .select(mail_requests::at)
                .get_result($c)
                .optional()
        };
    }
    let found = dispatch!(connection, |c| match scope {
        Scope::AddressAndKind(address, kind) =>
            last!(c, mail_requests::address.eq(address.as_slice()).and(mail_requests::kind.eq(kind))),
        Scope::Network(network) => last!(c, mail_requests::network.eq(network)),
    });
    Ok(found?)
}

/// Serializes transactions that count requests for this address or from this network. SQLite needs no lock, because it
/// has a single writer.
pub fn lock(tx: &mut Tx<'_>, address: &AddressHash, network: &str) -> Result<(), DbError> {
    if let DbConnection::Postgres(c) = tx.connection() {
        // Always the address before the network: a fixed order prevents deadlocks.
        let [a, b, c1, d, e, f, g, h, ..] = *address;
        let address = i64::from_be_bytes([a, b, c1, d, e, f, g, h]);
        sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(address).execute(c)?;
        sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 2))").bind::<Text, _>(network).execute(c)?;
    }
    Ok(())
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
