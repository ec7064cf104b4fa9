//! The table `meters`.

use diesel::{
    backend::Backend,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, HasSqlType},
};

use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError, dispatch, schema::meters},
};

/// How many reads of a user's period are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = meters)]
pub struct Meter {
    /// The first read of the period.
    pub period_started_at: Timestamp,
    /// Reads since then.
    pub used: i64,
}

/// Counts `cost` reads in one statement, which decides as it writes: where the limit would be passed nothing is
/// written and nothing comes back. A period that began at or before `over_if_started_by` is over, and a new one begins.
///
/// Written out because Diesel prepares its own `do_update` anew for each call, and this is the hot one.
#[derive(Clone, Copy, Debug)]
pub struct Charge {
    /// Who reads.
    pub user_id: i64,
    /// 1, or 0 to begin the period and lock it for this transaction.
    pub cost: i64,
    /// Reads per period, at least `cost`.
    pub limit: i64,
    /// The time.
    pub now: Timestamp,
    /// The time less the length of a period.
    pub over_if_started_by: Timestamp,
}

impl Charge {
    /// The meter afterwards; `None` where the limit is reached.
    ///
    /// # Errors
    /// The database's own.
    pub fn execute(self, connection: &mut DbConnection) -> Result<Option<Meter>, DbError> {
        Ok(dispatch!(connection, |c| self.get_result(c).optional())?)
    }
}

impl<DB: Backend> QueryFragment<DB> for Charge
where
    DB: HasSqlType<BigInt>,
    i64: ToSql<BigInt, DB>,
    Timestamp: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("INSERT INTO meters (user_id, period_started_at, used) VALUES (");
        out.push_bind_param::<BigInt, _>(&self.user_id)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&self.now)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&self.cost)?;
        out.push_sql(") ON CONFLICT (user_id) DO UPDATE SET used = CASE WHEN meters.period_started_at <= ");
        out.push_bind_param::<BigInt, _>(&self.over_if_started_by)?;
        out.push_sql(" THEN excluded.used ELSE meters.used + excluded.used END, period_started_at = CASE WHEN meters.period_started_at <= ");
        out.push_bind_param::<BigInt, _>(&self.over_if_started_by)?;
        out.push_sql(
            " THEN excluded.period_started_at ELSE meters.period_started_at END WHERE meters.period_started_at <= ",
        );
        out.push_bind_param::<BigInt, _>(&self.over_if_started_by)?;
        out.push_sql(" OR meters.used + excluded.used <= ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql(" RETURNING period_started_at, used");
        Ok(())
    }
}

impl QueryId for Charge {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Charge {
    type SqlType = (BigInt, BigInt);
}

impl<C> RunQueryDsl<C> for Charge {}

/// Forgets a user's meter.
///
/// # Errors
/// The database's own.
pub fn delete(connection: &mut DbConnection, user_id: i64) -> Result<(), DbError> {
    dispatch!(connection, |c| diesel::delete(meters::table.find(user_id)).execute(c))?;
    Ok(())
}

/// The user's meter, of whatever period; `None` before the first read.
///
/// # Errors
/// The database's own.
pub fn find(connection: &mut DbConnection, user_id: i64) -> Result<Option<Meter>, DbError> {
    let found = dispatch!(connection, |c| meters::table
        .filter(meters::user_id.eq(user_id))
        .select(Meter::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}
