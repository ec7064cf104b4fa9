//! The column `event` of the table `audit`.

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    serialize::{self, Output, ToSql},
    sql_types::Text,
};
use serde::{
    Deserialize, Serialize,
    de::value::{Error, StringDeserializer},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
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

impl Event {
    pub const ALL: [Self; 20] = [
        Self::Registered,
        Self::SignedIn,
        Self::Failed,
        Self::SignedOut,
        Self::Revoked,
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::AccountChanged,
        Self::EmailVerified,
        Self::Disabled,
        Self::Deleted,
        Self::Throttled,
        Self::SecondFactorAdded,
        Self::SecondFactorRemoved,
        Self::SecondFactorFailed,
        Self::RecoveryCodeUsed,
        Self::RecoveryCodesReplaced,
        Self::TrustedBrowsersRemoved,
        Self::ApiTokenCreated,
        Self::ApiTokenDeleted,
    ];

    /// # Errors
    /// A message for people that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let parsed = Self::deserialize(StringDeserializer::<Error>::new(text.to_owned()));
        parsed.map_err(|_| "must be an event such as signed_in")
    }

    /// The value stored in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::SignedIn => "signed_in",
            Self::Failed => "failed",
            Self::SignedOut => "signed_out",
            Self::Revoked => "revoked",
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::AccountChanged => "account_changed",
            Self::EmailVerified => "email_verified",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
            Self::Throttled => "throttled",
            Self::SecondFactorAdded => "second_factor_added",
            Self::SecondFactorRemoved => "second_factor_removed",
            Self::SecondFactorFailed => "second_factor_failed",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::RecoveryCodesReplaced => "recovery_codes_replaced",
            Self::TrustedBrowsersRemoved => "trusted_browsers_removed",
            Self::ApiTokenCreated => "api_token_created",
            Self::ApiTokenDeleted => "api_token_deleted",
            Self::IdentityAdded => "identity_added",
            Self::IdentityRemoved => "identity_removed",
        }
    }
}

impl<DB: Backend> FromSql<Text, DB> for Event
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::deserialize(StringDeserializer::<Error>::new(String::from_sql(bytes)?))?)
    }
}

impl<DB: Backend> ToSql<Text, DB> for Event
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.as_str().to_sql(out)
    }
}
