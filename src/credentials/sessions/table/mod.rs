//! The table `sessions`.

mod change;
mod delete;
mod find;

use diesel::prelude::*;
use serde::Serialize;

pub use self::{
    change::{clamp_to_now, renew, update_client, update_idle_end, update_state},
    delete::{delete, delete_all, delete_expired, delete_idle_longest, delete_others, delete_own, delete_up_to},
    find::{count_live, find_live, find_live_user, find_trusted_browser, last_id, list_live, list_live_of_all, page},
};
use crate::{
    base::clock::Timestamp,
    db::{DbError, Tx, dispatch, schema::sessions},
};

/// SHA-256 of a session's token.
pub type TokenHash = [u8; 32];

/// A row without the token's hash. The serialized form is what its user and operators see.
#[derive(Clone, Debug, Serialize, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub struct Session {
    pub id: i64,
    #[serde(skip_serializing)]
    pub user_id: i64,
    /// Additional values: a JSON object whose values are strings.
    #[serde(skip_serializing)]
    pub state: String,
    pub created_at: Timestamp,
    /// Approximate: not every request is recorded.
    pub last_seen_at: Timestamp,
    /// When the session expires unless it is used.
    pub idle_expires_at: Timestamp,
    /// When the session expires in any case.
    pub expires_at: Timestamp,
    /// Until when sensitive actions need no re-authentication.
    #[serde(skip_serializing)]
    pub fresh_until: Timestamp,
    /// The address that the session was last used from.
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    /// Selects one of the two lifetimes.
    pub stay_signed_in: bool,
    /// The trusted browser that opened it. Its trust may have ended since.
    #[serde(skip_serializing)]
    pub trusted_browser_id: Option<i64>,
}

#[derive(Insertable)]
#[diesel(table_name = sessions)]
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct NewSession<'a> {
    pub token_hash: &'a [u8],
    pub user_id: i64,
    pub stay_signed_in: bool,
    pub state: &'a str,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub idle_expires_at: Timestamp,
    pub expires_at: Timestamp,
    pub fresh_until: Timestamp,
    pub ip: &'a str,
    pub user_agent: Option<&'a str>,
    pub trusted_browser_id: Option<i64>,
}

pub fn insert(tx: &mut Tx<'_>, session: &NewSession<'_>) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| diesel::insert_into(sessions::table).values(session).execute(c))?;
    Ok(())
}
