//! Every error that a client can receive, with its status, code and text.
//!
//! Handlers return an [`ApiError`], which the response middleware formats according to the contract. Causes are only
//! logged.

mod parts;
mod paywall_hit;

mod response;
mod sources;

use std::{collections::BTreeMap, fmt::Display, time::Duration};

use actix_web::{HttpResponse, ResponseError, http::StatusCode};

pub(super) use self::paywall_hit::PaywallHit;
use crate::{
    accounts::second_factors::Method, clock::Timestamp, config::Contract, db::DbError, models::api_tokens::Scope,
};

/// The error of each invalid field.
pub(super) type FieldErrors = BTreeMap<&'static str, String>;

/// Every error that a client can receive. Each is a row of the table of errors in the contract.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    #[error("please login")]
    LoginRequired,
    /// A reader without a session has used up the free reads.
    #[error("please login")]
    AnonymousReadsUsedUp(PaywallHit),
    #[error("no user logged in")]
    NotLoggedIn,
    #[error("User not found")]
    UserNotFound,
    #[error("Incorrect password")]
    IncorrectPassword,
    /// A wrong password at login. Elsewhere it is [`ApiError::WrongPassword`], which is the same in both contracts.
    #[error("Incorrect password")]
    WrongPassword,
    #[error("enter the code of your second factor")]
    SecondFactorRequired { methods: Vec<Method>, expires_at: Timestamp },
    #[error("this code is incorrect, or was used before")]
    IncorrectCode,
    #[error("this sign-in has expired, start again")]
    LoginExpired,
    #[error("add a second factor to your account first")]
    SecondFactorRequiredByPolicy,
    #[error("this second factor is already enrolled")]
    AlreadyEnrolled,
    #[error("this passkey cannot be used here")]
    InvalidCredential,
    #[error("this account has the maximum number of passkeys; delete one first")]
    TooManyPasskeys,
    #[error("sign in again, or send your password with the request")]
    FreshLoginRequired,
    #[error("too many attempts, try again later")]
    TooManyRequests(Duration),
    #[error("an export of this account is already running")]
    ExportRunning,
    #[error("this account is disabled")]
    AccountDisabled,
    #[error("pay me monies")]
    PaymentRequired(PaywallHit),
    #[error("this needs a subscription")]
    SubscriptionRequired(PaywallHit),
    #[error("only admins may do this")]
    Forbidden,
    #[error("the proxy's address of /forward-auth contains an unknown condition")]
    UnknownCondition,
    #[error("a metered page must be requested by a proxy that TRUSTED_PROXIES lists")]
    UntrustedProxy,
    #[error("the proxy must send one X-Forwarded-Uri")]
    ResourceMissing,
    #[error("the path of this page is ambiguous or too long")]
    InvalidPath,
    #[error("the signature is missing, invalid or too old")]
    BadSignature,
    #[error("the body is not valid JSON")]
    InvalidJson,
    #[error("some fields are missing or invalid")]
    InvalidFields(FieldErrors),
    #[error("this username is taken")]
    UsernameTaken,
    #[error("this e-mail address is taken")]
    EmailTaken,
    #[error("the link is invalid or has expired; request a new one")]
    InvalidToken,
    #[error("this e-mail address is already verified")]
    AlreadyVerified,
    #[error("this account has no e-mail address")]
    NoEmail,
    #[error("the API token is invalid, has expired or was deleted")]
    InvalidApiToken,
    /// The scope that an API token must have; `None` if no token may do this.
    #[error("{}", scope_hint(*.0))]
    InsufficientScope(Option<Scope>),
    #[error("this account has too many API tokens; delete one first")]
    TooManyTokens,
    #[error("you have given away as many posts as this period allows")]
    GiftLimitReached,
    #[error("requests from this origin are not allowed")]
    CrossOrigin,
    #[error("registration is closed")]
    RegistrationClosed,
    #[error("prefetches, link previews and cross-site requests cannot read posts")]
    NotARead,
    #[error("verify your e-mail address to read posts")]
    EmailNotVerified,
    #[error("Blog not found")]
    BlogNotFound,
    #[error("not found")]
    NotFound,
    #[error("this method is not allowed")]
    MethodNotAllowed(&'static str),
    #[error("the body is larger than {0} KiB")]
    TooLarge(usize),
    #[error("the body was not received in time")]
    RequestTimeout,
    #[error("the content type must be {0}")]
    UnsupportedMediaType(&'static str),
    #[error("too many passwords are being checked")]
    Overloaded,
    #[error("the service is unavailable, try again soon")]
    Unavailable(#[source] DbError),
    /// Something other than the database is overloaded: what, for the log.
    #[error("the service is unavailable, try again soon")]
    Busy(&'static str),
    #[error("the server is shutting down")]
    Draining,
    #[error("internal error")]
    Internal(String),
}

impl ApiError {
    /// A required field is missing although no error was reported for it, which is a bug.
    pub(super) fn missing_field() -> Self {
        Self::Internal("a required field is missing but has no error".to_owned())
    }

    pub(super) fn internal(cause: impl Display) -> Self {
        Self::Internal(cause.to_string())
    }

    /// Details for the log that the client must not see.
    pub(super) fn cause(&self) -> Option<String> {
        match self {
            Self::Unavailable(cause) => Some(cause.to_string()),
            Self::Busy(cause) => Some((*cause).to_owned()),
            Self::Internal(cause) => Some(cause.clone()),
            _ => None,
        }
    }
}

fn scope_hint(needed: Option<Scope>) -> String {
    match needed {
        Some(scope) => format!("this needs an API token with the scope {}", scope.as_str()),
        None => "API tokens cannot do this; sign in".to_owned(),
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.parts(Contract::Classic).0
    }

    fn error_response(&self) -> HttpResponse {
        self.response(Contract::Classic)
    }
}
