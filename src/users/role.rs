//! The column `role` of the table `users`.

use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::Serialize;
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::db::macros::text_column;

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, AsExpression, FromSqlRow, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", const_into_str)]
#[diesel(sql_type = Text)]
pub enum Role {
    User,
    /// May also write posts and see the statistics.
    Editor,
    /// May also do everything else.
    Admin,
}

impl Role {
    /// Whether the role allows writing posts and seeing the statistics.
    #[must_use]
    pub fn is_editor(self) -> bool {
        self != Self::User
    }

    /// # Errors
    /// A message for people that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        text.parse().map_err(|_| "must be user, editor or admin")
    }
}

text_column!(Role);
