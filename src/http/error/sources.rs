//! Converts the errors of the layers below to the errors that clients receive.

use super::ApiError;
use crate::{
    accounts::{
        AccountError, RegisterError,
        passwords::{Overloaded, PasswordError},
    },
    db::DbError,
    paywall::{ReadError, gifts::GiftError},
    users::SaveError,
};

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unavailable(_) | DbError::NewerSchema { .. } => Self::Unavailable(error),
            // The account was deleted while the request was in progress.
            DbError::MissingReference(_) => Self::LoginRequired,
            DbError::NotUnique(_)
            | DbError::BackupExists(_)
            | DbError::OldSchema
            | DbError::UnreleasedSchema
            | DbError::TransactionPooler
            | DbError::MayNotMigrate
            | DbError::Query(_)
            | DbError::Url(_) => Self::Internal(error.to_string()),
        }
    }
}

impl From<GiftError> for ApiError {
    fn from(error: GiftError) -> Self {
        match error {
            GiftError::LimitReached => Self::GiftLimitReached,
            GiftError::NoSuchPost => Self::BlogNotFound,
            GiftError::Db(error) => error.into(),
        }
    }
}

impl From<Overloaded> for ApiError {
    fn from(_: Overloaded) -> Self {
        Self::Overloaded
    }
}

impl From<SaveError> for ApiError {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::UsernameTaken => Self::UsernameTaken,
            SaveError::EmailTaken => Self::EmailTaken,
            SaveError::Db(error) => error.into(),
        }
    }
}

impl From<RegisterError> for ApiError {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Save(error) => error.into(),
            RegisterError::Throttled(wait) => Self::TooManyRequests(wait),
            RegisterError::Overloaded(overloaded) => overloaded.into(),
        }
    }
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::SessionEnded => Self::LoginRequired,
            AccountError::FreshLoginRequired => Self::FreshLoginRequired,
            AccountError::WrongPassword => Self::WrongPassword,
            AccountError::UsernameTaken => Self::UsernameTaken,
            AccountError::EmailTaken => Self::EmailTaken,
            AccountError::InvalidToken => Self::InvalidToken,
            AccountError::TooManyTokens => Self::TooManyTokens,
            AccountError::LastAdmin => Self::LastAdmin,
            AccountError::AlreadyVerified => Self::AlreadyVerified,
            AccountError::NoEmail => Self::NoEmail,
            AccountError::IncorrectCode => Self::IncorrectCode,
            AccountError::LoginExpired => Self::LoginExpired,
            AccountError::AlreadyEnrolled => Self::AlreadyEnrolled,
            AccountError::InvalidCredential => Self::InvalidCredential,
            AccountError::TooManyPasskeys => Self::TooManyPasskeys,
            AccountError::Disabled => Self::AccountDisabled,
            AccountError::RegistrationClosed => Self::RegistrationClosed,
            // Identities are linked where a browser comes back from a provider, and the page says so.
            AccountError::IdentityTaken => Self::internal(error),
            AccountError::LastCredential => Self::LastCredential,
            AccountError::MailOff | AccountError::NotEnrolled => Self::NotFound,
            AccountError::Throttled(wait) => Self::TooManyRequests(wait),
            AccountError::Overloaded(overloaded) => overloaded.into(),
            AccountError::Db(error) => error.into(),
        }
    }
}

/// As reported by a login.
impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::NoSuchUser => Self::UserNotFound,
            PasswordError::Wrong => Self::IncorrectPassword,
            PasswordError::Throttled(wait) => Self::TooManyRequests(wait),
            PasswordError::Disabled => Self::AccountDisabled,
            PasswordError::Overloaded(overloaded) => overloaded.into(),
            PasswordError::Db(error) => error.into(),
        }
    }
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NoSuchPost => Self::BlogNotFound,
            ReadError::Db(error) => error.into(),
        }
    }
}
