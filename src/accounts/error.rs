//! Errors of the use cases.

use std::time::Duration;

use crate::{
    accounts::passwords::{Overloaded, PasswordError},
    db::DbError,
    users::SaveError,
};

/// Why an action of a user was not performed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The session has ended since the request was authenticated: receiving the body and hashing the password take
    /// time.
    #[error("the session has ended")]
    SessionEnded,
    /// The session is not fresh, and no password was sent.
    #[error("a fresh session or the password is required")]
    FreshLoginRequired,
    #[error("wrong password")]
    WrongPassword,
    #[error("the name is taken")]
    UsernameTaken,
    #[error("the email address is taken")]
    EmailTaken,
    /// The token in a link is unknown, expired, used or replaced by a newer one.
    #[error("invalid token")]
    InvalidToken,
    #[error("the email address is already verified")]
    AlreadyVerified,
    #[error("the account has no email address")]
    NoEmail,
    /// The code of a second factor is wrong, or was used before.
    #[error("incorrect code")]
    IncorrectCode,
    /// No login with this token is waiting for its second factor.
    #[error("the login has expired")]
    LoginExpired,
    #[error("this second factor is already enrolled")]
    AlreadyEnrolled,
    /// A passkey is not what was asked for: of another site or account, not verified, or with a counter that has not
    /// grown.
    #[error("invalid credential")]
    InvalidCredential,
    #[error("the account has the maximum number of passkeys")]
    TooManyPasskeys,
    #[error("the account is disabled")]
    Disabled,
    #[error("registration is closed")]
    RegistrationClosed,
    /// Somebody else signs in with this account of a provider.
    #[error("the identity belongs to another account")]
    IdentityTaken,
    /// The user could not sign in any more.
    #[error("this is the last way to sign in")]
    LastCredential,
    #[error("there is no such second factor")]
    NotEnrolled,
    #[error("the account has too many API tokens")]
    TooManyTokens,
    /// It would leave nobody who may manage users.
    #[error("this is the last active admin")]
    LastAdmin,
    #[error("email is off")]
    MailOff,
    /// Too many wrong passwords or changes. Contains the time until another attempt is allowed.
    #[error("too many attempts")]
    Throttled(Duration),
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<PasswordError> for AccountError {
    /// A user who has been disabled or deleted is no longer signed in.
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::NoSuchUser | PasswordError::Disabled => Self::SessionEnded,
            PasswordError::Wrong => Self::WrongPassword,
            PasswordError::Throttled(wait) => Self::Throttled(wait),
            PasswordError::Overloaded(overloaded) => Self::Overloaded(overloaded),
            PasswordError::Db(error) => Self::Db(error),
        }
    }
}

impl From<SaveError> for AccountError {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::UsernameTaken => Self::UsernameTaken,
            SaveError::EmailTaken => Self::EmailTaken,
            SaveError::Db(error) => Self::Db(error),
        }
    }
}
