//! The table `sessions`.

mod change;
mod delete;
mod find;

use diesel::prelude::*;

pub use self::{
    change::{clamp, renew, update_client, update_idle_end, update_state},
    delete::{delete, delete_all, delete_expired, delete_idle_longest, delete_others, delete_own, delete_up_to},
    find::{count_live, find_live, find_live_user, last_id, list_live, list_live_of_all, page},
};
use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError, dispatch, schema::sessions},
};

/// SHA-256 of a session's token.
pub type TokenHash = [u8; 32];

/// A row, but for the token's hash.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub struct Session {
    /// Tells it from others; not the token.
    pub id: i64,
    /// Whose it is.
    pub user_id: i64,
    /// Which of the two lifetimes it has.
    pub stay_signed_in: bool,
    /// What else is kept in it, a JSON object of texts.
    pub state: String,
    /// The login.
    pub created_at: Timestamp,
    /// The last request that was noted: not each one is.
    pub last_seen_at: Timestamp,
    /// When it ends unless it is used.
    pub idle_expires_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// Until when it may do what is sensitive.
    pub fresh_until: Timestamp,
    /// Where it was last seen, where that is known.
    pub ip: Option<String>,
    /// The program that it was last seen with, where that is known.
    pub user_agent: Option<String>,
}

/// A session to be.
#[derive(Insertable)]
#[diesel(table_name = sessions)]
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct NewSession<'a> {
    /// SHA-256 of its token.
    pub token_hash: &'a [u8],
    /// Whose it is.
    pub user_id: i64,
    /// Which of the two lifetimes it has.
    pub stay_signed_in: bool,
    /// What else is kept in it, a JSON object of texts.
    pub state: &'a str,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub last_seen_at: Timestamp,
    /// When it ends unless it is used.
    pub idle_expires_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// Until when it may do what is sensitive.
    pub fresh_until: Timestamp,
    /// Where the login came from.
    pub ip: &'a str,
    /// The program that the login came from.
    pub user_agent: Option<&'a str>,
}

/// Adds a session.
///
/// # Errors
/// The database's own; the user may be gone.
pub fn insert(connection: &mut DbConnection, session: &NewSession<'_>) -> Result<(), DbError> {
    dispatch!(connection, |c| diesel::insert_into(sessions::table).values(session).execute(c))?;
    Ok(())
}
