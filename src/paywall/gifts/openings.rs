//! The table `gift_openings`: who has opened which gift.

use diesel::{dsl::exists, prelude::*, select};
use serde::Serialize;

use crate::{
    base::clock::Timestamp,
    db::{
        DbConnection, DbError, Tx, dispatch,
        schema::{gift_openings, gifts},
    },
};

/// A gift that a user has opened.
#[derive(Clone, Debug, Serialize, Queryable)]
pub struct GiftOpen {
    #[serde(skip)]
    pub gift_id: i64,
    pub post_id: i64,
    pub opened_at: Timestamp,
}

/// Whether one of these ids has opened the gift.
pub fn is_opened_by(connection: &mut DbConnection, gift_id: i64, openers: &[i64]) -> Result<bool, DbError> {
    let by_one = gift_openings::gift_id.eq(gift_id).and(gift_openings::opener.eq_any(openers.to_vec()));
    Ok(dispatch!(connection, |c| select(exists(gift_openings::table.filter(by_one))).get_result(c))?)
}

pub fn insert(tx: &mut Tx<'_>, gift_id: i64, opener: i64, now: Timestamp) -> Result<(), DbError> {
    let row = (gift_openings::gift_id.eq(gift_id), gift_openings::opener.eq(opener), gift_openings::opened_at.eq(now));
    dispatch!(tx.connection(), |c| diesel::insert_into(gift_openings::table).values(row).execute(c))?;
    Ok(())
}

/// The last `limit` gifts with ids below `before` that a user has opened, newest first.
pub fn page(connection: &mut DbConnection, user_id: i64, before: i64, limit: i64) -> Result<Vec<GiftOpen>, DbError> {
    Ok(dispatch!(connection, |c| gift_openings::table
        .inner_join(gifts::table)
        .filter(gift_openings::opener.eq(user_id))
        .filter(gift_openings::gift_id.lt(before))
        .order(gift_openings::gift_id.desc())
        .limit(limit)
        .select((gift_openings::gift_id, gifts::post_id, gift_openings::opened_at))
        .load(c))?)
}

/// Deletes the records of who opened the revoked gifts of a user.
pub fn delete_of_revoked(tx: &mut Tx<'_>, user_id: i64) -> Result<(), DbError> {
    let revoked = gifts::table.filter(gifts::user_id.eq(user_id)).filter(gifts::revoked_at.is_not_null());
    let opened = gift_openings::table.filter(gift_openings::gift_id.eq_any(revoked.select(gifts::id)));
    dispatch!(tx.connection(), |c| diesel::delete(opened).execute(c))?;
    Ok(())
}

/// Deletes the records of the gifts that a user has opened.
pub fn delete_of_user(tx: &mut Tx<'_>, user_id: i64) -> Result<(), DbError> {
    let opened = gift_openings::table.filter(gift_openings::opener.eq(user_id));
    dispatch!(tx.connection(), |c| diesel::delete(opened).execute(c))?;
    Ok(())
}
