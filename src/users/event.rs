//! The column `event` of the table `audit`.

use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::Serialize;
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::db::macros::text_column;

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, AsExpression, FromSqlRow, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", const_into_str)]
#[diesel(sql_type = Text)]
pub enum Event {
    /// The account was created.
    Registered,
    /// A session was opened.
    SignedIn,
    /// A wrong password was entered, at login or elsewhere.
    Failed,
    /// The user signed out.
    SignedOut,
    /// Sessions were ended from another session, or a session that seemed to be stolen was ended.
    Revoked,
    /// The user changed the password.
    PasswordChanged,
    /// The password was replaced without the old one: by a link in a message, by an operator, or after "This wasn't me".
    PasswordReset,
    /// The username or email address was changed.
    AccountChanged,
    /// An email address was verified, and took effect if it was pending.
    EmailVerified,
    /// An operator disabled the account. Recorded by a trigger.
    Disabled,
    /// The account was deleted.
    Deleted,
    /// Wrong passwords or codes reached a limit.
    Throttled,
    SecondFactorAdded,
    SecondFactorRemoved,
    /// The password was right, and the code was wrong.
    SecondFactorFailed,
    RecoveryCodeUsed,
    /// The user has new recovery codes.
    RecoveryCodesReplaced,
    /// Browsers need a second factor again.
    TrustedBrowsersRemoved,
    ApiTokenCreated,
    ApiTokenDeleted,
    /// An account at an OpenID Connect provider can be used to sign in.
    IdentityAdded,
    IdentityRemoved,
}

text_column!(Event);

impl Event {
    /// # Errors
    /// A message for people that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        text.parse().map_err(|_| "must be an event such as signed_in")
    }
}
