//! The table `email_codes`: links and codes that were mailed to an address, whether or not an account has it. Using the link
//! or the code uses up both. The database has neither: they are made of a seed and a key, as for all links in messages.
//!
//! A code has 8 digits, so guesses are limited: 5 for each message, and 50 in a day for an address and for a network that
//! has asked for messages. With 10⁸ codes, a day of guessing succeeds with a probability of 50 / 10⁸ = 5 · 10⁻⁷. The link
//! is not affected, so that nobody is locked out by the guesses of others.

use diesel::prelude::*;

use crate::{
    base::clock::Timestamp,
    db::{DbConnection, DbError, Tx, dispatch, macros::delete_batch, schema::email_codes},
};

/// SHA-256 of a normalized address, whether or not an account has it.
pub type AddressHash = [u8; 32];

/// SHA-256 of a token.
pub type TokenHash = [u8; 32];

/// Guesses for each message.
const MAX_GUESSES: i64 = 5;

#[derive(Insertable)]
#[diesel(table_name = email_codes)]
#[expect(missing_debug_implementations, reason = "the seed must not be shown")]
pub struct NewEmailCode<'a> {
    /// What the client must have that asked for the message, for the code to work.
    pub holder_hash: &'a [u8],
    pub link_hash: &'a [u8],
    pub seed: &'a [u8],
    pub address: &'a [u8],
    pub email: &'a str,
    pub network: &'a str,
    pub stay_signed_in: bool,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// What a message is for.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = email_codes)]
#[expect(missing_debug_implementations, reason = "the seed must not be shown")]
pub struct EmailCode {
    pub id: i64,
    pub seed: Vec<u8>,
    pub email: String,
    pub network: String,
    pub stay_signed_in: bool,
}

pub fn insert(tx: &mut Tx<'_>, code: &NewEmailCode<'_>) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| diesel::insert_into(email_codes::table).values(code).execute(c))?;
    Ok(())
}

/// Whether a link with this hash has not been used.
pub fn exists(connection: &mut DbConnection, link_hash: &[u8]) -> Result<bool, DbError> {
    let is_unused = email_codes::link_hash.eq(link_hash).and(email_codes::used_at.is_null());
    let found = diesel::dsl::exists(email_codes::table.filter(is_unused));
    Ok(dispatch!(connection, |c| diesel::select(found).get_result(c))?)
}

/// A link that matches the hash, was not used and has not expired.
macro_rules! is_valid_link {
    ($hash:expr, $now:expr) => {
        email_codes::link_hash
            .eq($hash.as_slice())
            .and(email_codes::used_at.is_null())
            .and(email_codes::expires_at.gt($now))
    };
}

/// Finds what a valid link is for, without using it up.
pub fn find_link(
    connection: &mut DbConnection,
    hash: &TokenHash,
    now: Timestamp,
) -> Result<Option<EmailCode>, DbError> {
    let found = dispatch!(connection, |c| email_codes::table
        .filter(is_valid_link!(hash, now))
        .select(EmailCode::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// Uses up a valid link, and its code. Of several requests that try at the same time, one succeeds.
pub fn use_link(tx: &mut Tx<'_>, hash: &TokenHash, now: Timestamp) -> Result<bool, DbError> {
    let used = dispatch!(tx.connection(), |c| diesel::update(email_codes::table)
        .filter(is_valid_link!(hash, now))
        .set(email_codes::used_at.eq(now))
        .execute(c))?;
    Ok(used == 1)
}

/// Finds the message that a client may guess the code of, and counts the guess as wrong.
pub fn count_guess(
    tx: &mut Tx<'_>,
    holder: &TokenHash,
    address: &AddressHash,
    now: Timestamp,
) -> Result<Option<EmailCode>, DbError> {
    let is_asked_for = email_codes::holder_hash.eq(holder.as_slice()).and(email_codes::address.eq(address.as_slice()));
    let is_valid = email_codes::used_at
        .is_null()
        .and(email_codes::expires_at.gt(now))
        .and(email_codes::wrong_codes.lt(MAX_GUESSES));
    let found = dispatch!(tx.connection(), |c| diesel::update(email_codes::table)
        .filter(is_asked_for.and(is_valid))
        .set(email_codes::wrong_codes.eq(email_codes::wrong_codes + 1))
        .returning(EmailCode::as_returning())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// Uses up a message whose code was right, so that the guess was not wrong.
pub fn use_code(tx: &mut Tx<'_>, id: i64, now: Timestamp) -> Result<(), DbError> {
    let changes = (email_codes::used_at.eq(now), email_codes::wrong_codes.eq(email_codes::wrong_codes - 1));
    dispatch!(tx.connection(), |c| diesel::update(email_codes::table.find(id)).set(changes).execute(c))?;
    Ok(())
}

/// The wrong codes for an address since this time.
pub fn wrong_codes_of_address(
    connection: &mut DbConnection,
    address: &AddressHash,
    since: Timestamp,
) -> Result<i64, DbError> {
    let recent = email_codes::table.filter(email_codes::created_at.gt(since));
    let of_address = recent.filter(email_codes::address.eq(address.as_slice()));
    let counts: Vec<i64> = dispatch!(connection, |c| of_address.select(email_codes::wrong_codes).load(c))?;
    Ok(counts.iter().sum())
}

/// The wrong codes of messages that this network has asked for since this time.
pub fn wrong_codes_of_network(connection: &mut DbConnection, network: &str, since: Timestamp) -> Result<i64, DbError> {
    let recent = email_codes::table.filter(email_codes::created_at.gt(since));
    let of_network = recent.filter(email_codes::network.eq(network));
    let counts: Vec<i64> = dispatch!(connection, |c| of_network.select(email_codes::wrong_codes).load(c))?;
    Ok(counts.iter().sum())
}

/// Voids the links and codes that were mailed to an address.
pub fn void_of_address(tx: &mut Tx<'_>, address: &AddressHash, now: Timestamp) -> Result<(), DbError> {
    let is_unused = email_codes::address.eq(address.as_slice()).and(email_codes::used_at.is_null());
    let void = email_codes::used_at.eq(now);
    dispatch!(tx.connection(), |c| diesel::update(email_codes::table).filter(is_unused).set(void).execute(c))?;
    Ok(())
}

/// Deletes up to `max` rows before `before` and returns their number.
pub fn delete_before(tx: &mut Tx<'_>, before: Timestamp, max: i64) -> Result<usize, DbError> {
    delete_batch!(tx, email_codes.id: i64, email_codes::created_at.lt(before), max)
}
