//! The table `refusals`: how often users reached the paywall, per day.

use diesel::prelude::*;

use crate::{
    base::clock::Timestamp,
    db::{DbConnection, DbError, RawSql, Statement, Tx, dispatch, schema::refusals},
};

pub fn count(tx: &mut Tx<'_>, user_id: i64, now: Timestamp) -> Result<(), DbError> {
    let row = (refusals::user_id.eq(user_id), refusals::day.eq(now.day()), refusals::count.eq(1));
    dispatch!(tx.connection(), |c| diesel::insert_into(refusals::table)
        .values(row)
        .on_conflict((refusals::user_id, refusals::day))
        .do_update()
        .set(refusals::count.eq(refusals::count + 1))
        .execute(c))?;
    Ok(())
}

/// The last `limit` days before `before` on which a user was refused, latest first: the day, in days since 1970-01-01,
/// and the number of refusals.
pub fn page(connection: &mut DbConnection, user_id: i64, before: i64, limit: i64) -> Result<Vec<(i64, i64)>, DbError> {
    let found = dispatch!(connection, |c| refusals::table
        .filter(refusals::user_id.eq(user_id))
        .filter(refusals::day.lt(before))
        .order(refusals::day.desc())
        .limit(limit)
        .select((refusals::day, refusals::count))
        .load(c));
    Ok(found?)
}

/// Deletes up to `max` rows of days before `day` and returns their number.
pub fn delete_before(tx: &mut Tx<'_>, day: i64, max: i64) -> Result<usize, DbError> {
    let delete = Statement::new(DeleteBefore, [day, max]);
    Ok(dispatch!(tx.connection(), |c| delete.execute(c))?)
}

struct DeleteBefore;

impl RawSql for DeleteBefore {
    type Row = ();
    const PIECES: &'static [&'static str] = &[
        "DELETE FROM refusals WHERE (user_id, day) IN (SELECT user_id, day FROM refusals WHERE day < ",
        " LIMIT ",
        ")",
    ];
}
