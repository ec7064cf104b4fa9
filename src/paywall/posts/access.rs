//! The column `access` of the table `posts`.

use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use crate::db::macros::text_column;

/// Who may read a post, and what it costs.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    AsExpression,
    FromSqlRow,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", const_into_str)]
#[diesel(sql_type = Text)]
pub enum Access {
    /// Costs a read.
    #[default]
    Metered,
    /// Costs nothing and needs no session.
    Free,
    Subscribers,
}

text_column!(Access);
