//! Statements in raw SQL, for the few on the hot path.

use std::marker::PhantomData;

use diesel::{
    backend::Backend,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, HasSqlType},
};

/// A statement in raw SQL that Diesel identifies by this type, so that it is prepared once per connection.
///
/// Diesel rebuilds its own UPDATE and INSERT statements on each call, and does not cache prepared UPDATEs and
/// `sql_query`.
pub trait RawSql: 'static {
    /// The SQL type of the returned rows.
    type Row: 'static;
    /// The statement, split at its bind parameters.
    const PIECES: &'static [&'static str];
}

/// A statement with its bind parameters.
#[derive(Clone, Copy, Debug)]
pub struct Statement<T, const N: usize> {
    numbers: [i64; N],
    sql: PhantomData<T>,
}

impl<T: RawSql, const N: usize> Statement<T, N> {
    #[must_use]
    pub fn new(_: T, numbers: [i64; N]) -> Self {
        const { assert!(T::PIECES.len() == N + 1, "one bind parameter between two pieces") };
        Self { numbers, sql: PhantomData }
    }
}

impl<DB, T, const N: usize> QueryFragment<DB> for Statement<T, N>
where
    DB: Backend + HasSqlType<BigInt>,
    i64: ToSql<BigInt, DB>,
    T: RawSql,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut numbers = self.numbers.iter();
        for piece in T::PIECES {
            out.push_sql(piece);
            if let Some(number) = numbers.next() {
                out.push_bind_param::<BigInt, _>(number)?;
            }
        }
        Ok(())
    }
}

impl<T: RawSql, const N: usize> QueryId for Statement<T, N> {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<T: RawSql, const N: usize> Query for Statement<T, N> {
    type SqlType = T::Row;
}

impl<C, T, const N: usize> RunQueryDsl<C> for Statement<T, N> {}
