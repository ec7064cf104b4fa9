//! The table `invitations`: who was invited by email to sign in.

use diesel::{
    dsl::{exists, max, not},
    prelude::*,
};

use crate::{
    base::clock::Timestamp,
    db::{
        DbConnection, DbError, Tx, dispatch,
        schema::{audit, invitations, users},
    },
    users::{NO_PASSWORD, audit::Event},
};

/// A user to invite.
#[derive(Clone, Debug, Queryable)]
pub struct Invitee {
    pub user_id: i64,
    pub username: String,
    pub email: Option<String>,
}

/// The next users to invite: who have no password, a verified address to sign in with, and have never signed in.
pub fn next(connection: &mut DbConnection, limit: i64) -> Result<Vec<Invitee>, DbError> {
    let is_able =
        users::is_active.and(users::password_hash.eq(NO_PASSWORD)).and(users::email_verified_at.is_not_null());
    let was_invited = exists(invitations::table.filter(invitations::user_id.eq(users::id)));
    let has_signed_in =
        exists(audit::table.filter(audit::user_id.eq(users::id.nullable())).filter(audit::event.eq(Event::SignedIn)));
    let query = users::table
        .filter(is_able)
        .filter(not(was_invited))
        .filter(not(has_signed_in))
        .order(users::id)
        .limit(limit)
        .select((users::id, users::username, users::email));
    Ok(dispatch!(connection, |c| query.load(c))?)
}

/// For when the last invitation is, or was.
pub fn latest(connection: &mut DbConnection) -> Result<Option<Timestamp>, DbError> {
    Ok(dispatch!(connection, |c| invitations::table.select(max(invitations::invited_at)).get_result(c))?)
}

/// Records an invitation. Returns `false` if the user has one already: of several commands at the same time, one invites.
pub fn insert(tx: &mut Tx<'_>, user_id: i64, at: Timestamp) -> Result<bool, DbError> {
    let row = (invitations::user_id.eq(user_id), invitations::invited_at.eq(at));
    let inserted = dispatch!(tx.connection(), |c| diesel::insert_into(invitations::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(inserted == 1)
}
