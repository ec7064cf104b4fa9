//! Statements written out by hand, for the few that are run all the time.

use std::marker::PhantomData;

use diesel::{
    backend::Backend,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, HasSqlType},
};

/// The text of a statement, which Diesel knows by this type: it is prepared once for each connection.
///
/// Diesel builds its own UPDATE and INSERT anew for each call, and prepares UPDATE and `sql_query` anew as well.
pub trait RawSql: 'static {
    /// What the rows consist of.
    type Row: 'static;
    /// The statement, in pieces: between each two of them goes a number.
    const PIECES: &'static [&'static str];
}

/// A statement with its numbers.
#[derive(Clone, Copy, Debug)]
pub struct Statement<T, const N: usize> {
    numbers: [i64; N],
    sql: PhantomData<T>,
}

impl<T: RawSql, const N: usize> Statement<T, N> {
    /// The statement with these numbers.
    #[must_use]
    pub fn new(_: T, numbers: [i64; N]) -> Self {
        const { assert!(T::PIECES.len() == N + 1, "a number between each two pieces") };
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
