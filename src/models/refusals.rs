//! The table `refusals`: how often users reached the paywall, per day.

use diesel::{dsl::sql, prelude::*, sql_types::BigInt};

use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError, Tx, dispatch, schema::refusals},
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

/// Refusals per day from `first` to `last`, without days that have none.
pub fn by_day(connection: &mut DbConnection, first: i64, last: i64) -> Result<Vec<(i64, i64)>, DbError> {
    let found = dispatch!(connection, |c| refusals::table
        .filter(refusals::day.between(first, last))
        .group_by(refusals::day)
        // In PostgreSQL the sum of BIGINTs is a NUMERIC.
        .select((refusals::day, sql::<BigInt>("CAST(sum(count) AS BIGINT)")))
        .load(c));
    Ok(found?)
}
