//! Every error that a client can receive, with its status, code and text.
//!
//! Handlers return an [`ApiError`], which the response middleware formats according to the contract. Causes are only
//! logged.

mod paywall_hit;
mod response;
mod sources;
mod table;

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt::{self, Display},
    sync::Arc,
    time::Duration,
};

use actix_web::{HttpResponse, ResponseError, http::StatusCode};

pub(super) use self::{
    paywall_hit::{CheckoutLink, PaywallHit},
    response::problem_members,
};
use crate::{
    accounts::second_factors::Method, base::clock::Timestamp, config::Contract, credentials::api_tokens::Scope,
    db::DbError, users::Role,
};

/// The error of each invalid field. Only unknown ones have names from the request.
pub(super) type FieldErrors = BTreeMap<Cow<'static, str>, String>;

/// The token of a login that waits for its second factor.
pub(super) struct LoginToken(pub(super) String);

/// Without the token, which must not be logged.
impl fmt::Debug for LoginToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginToken")
    }
}

/// Every error that a client can receive. Each is a row of the table of errors in the contract.
#[derive(Debug)]
pub(super) enum ApiError {
    LoginRequired,
    /// An anonymous reader has used up the free reads.
    AnonymousReadsUsedUp(PaywallHit),
    NotLoggedIn,
    UserNotFound,
    /// A wrong password at login. Elsewhere it is [`ApiError::WrongPassword`], which is the same in both contracts.
    IncorrectPassword,
    WrongPassword,
    SecondFactorRequired {
        methods: Vec<Method>,
        expires_at: Timestamp,
        /// For an app, which gets no cookie.
        login_token: Option<LoginToken>,
    },
    IncorrectCode,
    LoginExpired,
    SecondFactorRequiredByPolicy,
    AlreadyEnrolled,
    InvalidCredential,
    TooManyPasskeys,
    FreshLoginRequired,
    TooManyRequests(Duration),
    ExportRunning,
    AccountDisabled,
    PaymentRequired(PaywallHit),
    SubscriptionRequired(PaywallHit),
    /// The role that the request needs.
    Forbidden(Role),
    UnknownCondition,
    UntrustedProxy,
    ResourceMissing,
    InvalidPath,
    BadSignature,
    InvalidJson,
    InvalidFields(FieldErrors),
    UsernameTaken,
    EmailTaken,
    InvalidToken,
    AlreadyVerified,
    NoEmail,
    InvalidApiToken,
    /// The token of an app's session.
    InvalidSessionToken,
    /// The scope that an API token must have; `None` if no token may do this.
    InsufficientScope(Option<Scope>),
    TooManyTokens,
    LastAdmin,
    /// The user could not sign in any more.
    LastCredential,
    /// A provider cannot be reached: why, for the log.
    ProviderUnavailable(String),
    /// The payment is another user's.
    AlreadyAssigned,
    GiftLimitReached,
    CrossOrigin,
    RegistrationClosed,
    NotARead,
    EmailNotVerified,
    BlogNotFound,
    NotFound,
    MethodNotAllowed(Arc<str>),
    TooLarge(usize),
    RequestTimeout,
    UnsupportedMediaType(&'static str),
    Overloaded,
    Unavailable(DbError),
    /// Something other than the database is overloaded: what, for the log.
    Busy(&'static str),
    Draining,
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
            Self::Internal(cause) | Self::ProviderUnavailable(cause) => Some(cause.clone()),
            _ => None,
        }
    }
}

/// The text of the classic contract, which differs only where the modern one hides which accounts exist.
impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts(Contract::Classic).2)
    }
}

impl std::error::Error for ApiError {}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.parts(Contract::Classic).0
    }

    fn error_response(&self) -> HttpResponse {
        self.response(Contract::Classic)
    }
}
