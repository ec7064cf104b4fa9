//! The column `access` of the table `posts`.

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    serialize::{self, Output, ToSql},
    sql_types::Text,
};
use serde::{Deserialize, Serialize};

/// Who may read a post, and what it costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(rename_all = "lowercase")]
#[diesel(sql_type = Text)]
pub enum Access {
    /// Costs a read.
    #[default]
    Metered,
    /// Costs nothing and needs no session.
    Free,
    Subscribers,
}

impl Access {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Metered => "metered",
            Self::Free => "free",
            Self::Subscribers => "subscribers",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Metered, Self::Free, Self::Subscribers].into_iter().find(|access| access.as_str() == text)
    }
}

impl<DB: Backend> FromSql<Text, DB> for Access
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(bytes)?;
        Self::parse(&text).ok_or_else(|| format!("no such access level: {text}").into())
    }
}

impl<DB: Backend> ToSql<Text, DB> for Access
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.as_str().to_sql(out)
    }
}
