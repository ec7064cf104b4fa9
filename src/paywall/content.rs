//! What is read: posts, and pages of other applications.

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    serialize::{self, Output, ToSql},
    sql_types::BigInt,
};

/// The id of a post or of a page. In a column it is that of the post, or the negative one of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub struct ContentId(i64);

/// Multiplied with the id of a page, gives its value in a column, and vice versa. Diesel has no unary minus.
pub(super) const PAGE: i64 = -1;

impl ContentId {
    /// No content has this id.
    pub const NONE: Self = Self(0);

    #[must_use]
    pub const fn post(id: i64) -> Self {
        Self(id)
    }

    #[must_use]
    pub const fn page(id: i64) -> Self {
        Self(id * PAGE)
    }

    #[must_use]
    pub fn post_id(self) -> Option<i64> {
        Some(self.0).filter(|id| *id > 0)
    }

    #[must_use]
    pub fn page_id(self) -> Option<i64> {
        Some(self.0 * PAGE).filter(|id| *id > 0)
    }

    /// The number in the column.
    #[must_use]
    pub fn number(self) -> i64 {
        self.0
    }

    #[must_use]
    pub(super) fn from_number(number: i64) -> Self {
        Self(number)
    }
}

impl<DB: Backend> FromSql<BigInt, DB> for ContentId
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        i64::from_sql(bytes).map(Self)
    }
}

impl<DB: Backend> ToSql<BigInt, DB> for ContentId
where
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}
