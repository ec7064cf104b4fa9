//! Locks that belong to no row, for transactions that decide on a count, or on a row that does not exist yet.

use diesel::{
    RunQueryDsl, sql_query,
    sql_types::{BigInt, Text},
};

use crate::db::{DbConnection, DbError, PgConnection, Tx};

/// What is locked. Different things that have the same key only wait for each other. Nodes of all versions have to
/// compute the same keys.
#[derive(Clone, Copy, Debug)]
pub enum AdvisoryLock<'a> {
    /// The account or the address with this SHA-256.
    Hash(&'a [u8; 32]),
    AttemptsOfNetwork {
        kind: &'a str,
        network: &'a str,
    },
    EmailKey(&'a str),
    /// Issuer and subject of an account at an OpenID Connect provider.
    Identity(&'a str),
    StripeEvents,
    /// Who is an admin.
    Admins,
}

/// Unlikely to be used by other programs: the letters "stripe".
const STRIPE_EVENTS: i64 = 0x7374_7269_7065;

/// The letters "admins".
const ADMINS: i64 = 0x6164_6d69_6e73;

impl AdvisoryLock<'_> {
    /// Waits for the lock, which is held until the transaction ends. SQLite needs none, because it has a single writer.
    pub fn acquire(self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        let DbConnection::Postgres(connection) = tx.connection() else { return Ok(()) };
        match self {
            Self::Hash([a, b, c, d, e, f, g, h, ..]) => {
                lock_number(connection, i64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]))
            }
            Self::AttemptsOfNetwork { kind, network } => lock_text(connection, &format!("{kind} {network}"), 0),
            Self::EmailKey(key) => lock_text(connection, key, 1),
            Self::Identity(identity) => lock_text(connection, identity, 2),
            Self::StripeEvents => lock_number(connection, STRIPE_EVENTS),
            Self::Admins => lock_number(connection, ADMINS),
        }
    }
}

fn lock_number(connection: &mut PgConnection, key: i64) -> Result<(), DbError> {
    sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(key).execute(connection)?;
    Ok(())
}

/// The seed tells texts of different kinds apart.
fn lock_text(connection: &mut PgConnection, text: &str, seed: i64) -> Result<(), DbError> {
    let lock = sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, $2))");
    lock.bind::<Text, _>(text).bind::<BigInt, _>(seed).execute(connection)?;
    Ok(())
}
