//! The table `identities`: accounts at OpenID Connect providers that users sign in with. An identity is an issuer and a
//! subject, and belongs to one user.

use diesel::prelude::*;
use serde::Serialize;

use crate::{
    base::clock::Timestamp,
    db::{DbConnection, DbError, Tx, advisory_lock::AdvisoryLock, dispatch, schema::identities},
    openid::ExternalIdentity,
};

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = identities)]
pub struct LinkedIdentity {
    pub id: i64,
    #[serde(skip)]
    pub user_id: i64,
    pub issuer: String,
    pub subject: String,
    /// The address that the provider named when the identity was added.
    pub email: Option<String>,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

#[derive(Insertable)]
#[diesel(table_name = identities)]
struct NewIdentity<'a> {
    user_id: i64,
    issuer: &'a str,
    subject: &'a str,
    email: Option<&'a str>,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
}

/// Serializes decisions about who an identity belongs to until the transaction ends. To be locked before addresses and
/// users.
pub fn lock(tx: &mut Tx<'_>, identity: &ExternalIdentity) -> Result<(), DbError> {
    // Neither part has a line break, so that two identities never have the same text.
    let text = format!("{}\n{}", identity.issuer, identity.subject);
    AdvisoryLock::Identity(&text).acquire(tx)
}

pub fn find(connection: &mut DbConnection, identity: &ExternalIdentity) -> Result<Option<LinkedIdentity>, DbError> {
    let found = dispatch!(connection, |c| identities::table
        .filter(identities::issuer.eq(&identity.issuer))
        .filter(identities::subject.eq(&identity.subject))
        .select(LinkedIdentity::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// Adds an identity that nobody has. `last_used_at` is when the user has signed in with it, if that is what adds it.
pub fn insert(
    tx: &mut Tx<'_>,
    user_id: i64,
    identity: &ExternalIdentity,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
) -> Result<(), DbError> {
    let row = NewIdentity {
        user_id,
        issuer: &identity.issuer,
        subject: &identity.subject,
        email: identity.email.as_ref().map(|named| named.email.original.as_str()),
        created_at,
        last_used_at,
    };
    dispatch!(tx.connection(), |c| diesel::insert_into(identities::table).values(&row).execute(c))?;
    Ok(())
}

pub fn list(connection: &mut DbConnection, user_id: i64) -> Result<Vec<LinkedIdentity>, DbError> {
    Ok(dispatch!(connection, |c| identities::table
        .filter(identities::user_id.eq(user_id))
        .order(identities::id)
        .select(LinkedIdentity::as_select())
        .load(c))?)
}

pub fn record_use(tx: &mut Tx<'_>, id: i64, now: Timestamp) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| diesel::update(identities::table.filter(identities::id.eq(id)))
        .set(identities::last_used_at.eq(now))
        .execute(c))?;
    Ok(())
}

/// Deletes an identity of a user; returns whether it existed.
pub fn delete(tx: &mut Tx<'_>, user_id: i64, id: i64) -> Result<bool, DbError> {
    let is_one = identities::id.eq(id).and(identities::user_id.eq(user_id));
    let deleted = dispatch!(tx.connection(), |c| diesel::delete(identities::table).filter(is_one).execute(c))?;
    Ok(deleted == 1)
}

/// Deletes the identities that a user has added since a time; returns how many.
pub fn delete_since(tx: &mut Tx<'_>, user_id: i64, since: Timestamp) -> Result<usize, DbError> {
    let added = identities::user_id.eq(user_id).and(identities::created_at.ge(since));
    Ok(dispatch!(tx.connection(), |c| diesel::delete(identities::table).filter(added).execute(c))?)
}
