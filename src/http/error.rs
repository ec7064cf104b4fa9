//! Every error that a client can receive, with its status, code and text.
//!
//! Handlers return an [`ApiError`], which the response middleware formats according to the contract. Causes are only
//! logged.

use std::{borrow::Cow, collections::BTreeMap, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde_json::{Map, Value, json};

use super::{forward_auth::Refusal, reads_headers};
use crate::{
    accounts::second_factors::Method,
    clock::Timestamp,
    config::Contract,
    db::DbError,
    metering::MeterState,
    models::{api_tokens::Scope, posts::Post},
};

/// Seconds after which a queue may be shorter or the database available again.
const RETRY_AFTER: u64 = 1;

/// Seconds after which most exports are complete.
const EXPORT_RETRY_AFTER: u64 = 5;

/// The error of each invalid field.
pub(super) type FieldErrors = BTreeMap<&'static str, String>;

/// A post that the reader has to pay for: what a paywall shows.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) meter: MeterState,
    pub(super) title: String,
    pub(super) excerpt: String,
    pub(super) checkout_url: Option<String>,
}

impl Refused {
    pub(super) fn new(post: &Post, meter: MeterState, checkout_url: Option<String>) -> Self {
        Self { meter, title: post.title.clone(), excerpt: post.excerpt.clone(), checkout_url }
    }

    /// Adds the post and the payment link to the members of an error's body.
    fn extension(&self, mut extension: Value) -> Value {
        if let Value::Object(keys) = &mut extension {
            keys.insert("post_title".to_owned(), json!(self.title));
            keys.insert("excerpt".to_owned(), json!(self.excerpt));
            keys.extend(self.checkout_url.iter().map(|url| ("checkout_url".to_owned(), json!(url))));
        }
        extension
    }
}

/// Every error that a client can receive. Each is a row of the table of errors in the contract.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    #[error("please login")]
    LoginRequired,
    /// A reader without a session has used up the free reads.
    #[error("please login")]
    AnonymousReadsUsedUp(Refused),
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
    #[error("this second factor is enrolled already")]
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
    PaymentRequired(Refused),
    #[error("this needs a subscription")]
    SubscriptionRequired(Refused),
    #[error("only admins may do this")]
    Forbidden,
    #[error(transparent)]
    ForwardAuth(#[from] Refusal),
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
    #[error("this e-mail address is verified already")]
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

    /// Details for the log that the client must not see.
    pub(super) fn cause(&self) -> Option<String> {
        match self {
            Self::Unavailable(cause) => Some(cause.to_string()),
            Self::Internal(cause) => Some(cause.clone()),
            _ => None,
        }
    }

    /// The status, code and text under a contract.
    pub(super) fn parts(&self, contract: Contract) -> (StatusCode, &'static str, Cow<'static, str>) {
        let is_modern = contract == Contract::Modern;
        let (status, code) = match self {
            // The same error for both, so that it does not reveal which accounts exist.
            Self::UserNotFound | Self::IncorrectPassword if is_modern => {
                return (StatusCode::UNAUTHORIZED, "cannot_login", "Cannot login".into());
            }
            Self::UserNotFound => (StatusCode::NOT_FOUND, "user_not_found"),
            Self::IncorrectPassword | Self::WrongPassword => (StatusCode::BAD_REQUEST, "incorrect_password"),
            Self::SecondFactorRequired { .. } => (StatusCode::UNAUTHORIZED, "second_factor_required"),
            Self::IncorrectCode => (StatusCode::BAD_REQUEST, "incorrect_code"),
            Self::LoginExpired => (StatusCode::UNAUTHORIZED, "login_expired"),
            Self::SecondFactorRequiredByPolicy => (StatusCode::FORBIDDEN, "second_factor_required_by_policy"),
            Self::AlreadyEnrolled => (StatusCode::CONFLICT, "already_enrolled"),
            Self::InvalidCredential => (StatusCode::BAD_REQUEST, "invalid_credential"),
            Self::TooManyPasskeys => (StatusCode::CONFLICT, "too_many_passkeys"),
            Self::FreshLoginRequired => (StatusCode::UNAUTHORIZED, "fresh_login_required"),
            Self::TooManyRequests(_) | Self::ExportRunning => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests"),
            Self::PaymentRequired(_) if is_modern => (StatusCode::PAYMENT_REQUIRED, "payment_required"),
            Self::PaymentRequired(_) => (StatusCode::BAD_REQUEST, "payment_required"),
            Self::SubscriptionRequired(_) => (StatusCode::FORBIDDEN, "subscription_required"),
            Self::LoginRequired | Self::AnonymousReadsUsedUp(_) => (StatusCode::UNAUTHORIZED, "login_required"),
            Self::NotLoggedIn => (StatusCode::UNAUTHORIZED, "not_logged_in"),
            Self::AccountDisabled => (StatusCode::FORBIDDEN, "account_disabled"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            Self::ForwardAuth(refusal) => refusal.parts(),
            Self::BadSignature => (StatusCode::BAD_REQUEST, "bad_signature"),
            Self::InvalidJson => (StatusCode::BAD_REQUEST, "invalid_json"),
            Self::InvalidFields(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid_fields"),
            Self::UsernameTaken => (StatusCode::CONFLICT, "username_taken"),
            Self::EmailTaken => (StatusCode::CONFLICT, "email_taken"),
            Self::InvalidToken => (StatusCode::BAD_REQUEST, "invalid_token"),
            Self::InvalidApiToken => (StatusCode::UNAUTHORIZED, "invalid_token"),
            Self::InsufficientScope(_) => (StatusCode::FORBIDDEN, "insufficient_scope"),
            Self::TooManyTokens => (StatusCode::CONFLICT, "too_many_tokens"),
            Self::GiftLimitReached => (StatusCode::CONFLICT, "gift_limit_reached"),
            Self::AlreadyVerified => (StatusCode::CONFLICT, "already_verified"),
            Self::NoEmail => (StatusCode::CONFLICT, "no_email"),
            Self::CrossOrigin => (StatusCode::FORBIDDEN, "cross_origin"),
            Self::RegistrationClosed => (StatusCode::FORBIDDEN, "registration_closed"),
            Self::NotARead => (StatusCode::FORBIDDEN, "not_a_read"),
            Self::EmailNotVerified => (StatusCode::FORBIDDEN, "email_not_verified"),
            Self::BlogNotFound => (StatusCode::NOT_FOUND, "blog_not_found"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::RequestTimeout => (StatusCode::REQUEST_TIMEOUT, "request_timeout"),
            Self::UnsupportedMediaType(_) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
            Self::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, "overloaded"),
            Self::Unavailable(_) | Self::Draining => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        };
        (status, code, self.to_string().into())
    }

    /// Seconds after which the client may try again.
    pub(super) fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Overloaded | Self::Unavailable(_) | Self::Draining => Some(RETRY_AFTER),
            Self::ExportRunning => Some(EXPORT_RETRY_AFTER),
            // Rounded up, so that a client that waits this long is let through.
            Self::TooManyRequests(wait) => Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).map(|s| s.max(1)),
            _ => None,
        }
    }

    /// Formats the response according to the contract.
    pub(super) fn response(&self, contract: Contract) -> HttpResponse {
        self.response_with(self.parts(contract).0, contract)
    }

    /// The same with another status.
    pub(super) fn response_with(&self, status: StatusCode, contract: Contract) -> HttpResponse {
        let (_, code, text) = self.parts(contract);
        let mut body = self.extension();
        body.insert("error".to_owned(), json!(text));
        body.insert("code".to_owned(), json!(code));
        let mut response = HttpResponse::build(status);
        match self {
            Self::MethodNotAllowed(allow) => drop(response.insert_header((header::ALLOW, *allow))),
            Self::PaymentRequired(refused)
            | Self::SubscriptionRequired(refused)
            | Self::AnonymousReadsUsedUp(refused) => {
                reads_headers::insert(&mut response, &refused.meter);
            }
            Self::ForwardAuth(refusal) => {
                refusal.meter().into_iter().for_each(|meter| reads_headers::insert(&mut response, meter));
            }
            Self::InvalidApiToken | Self::InsufficientScope(_) => {
                response.insert_header((header::WWW_AUTHENTICATE, challenge(code, &text, self.needed_scope())));
            }
            _ => {}
        }
        if let Some(seconds) = self.retry_after() {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if contract == Contract::Modern {
            body.insert("type".to_owned(), json!("about:blank"));
            body.insert("title".to_owned(), json!(status.canonical_reason()));
            body.insert("status".to_owned(), json!(status.as_u16()));
            body.insert("detail".to_owned(), json!(text));
            response.content_type("application/problem+json");
        }
        // Any dependency, also one of the tests, can turn on serde_json's feature `preserve_order`. The order of the keys must
        // not depend on what is built together.
        body.sort_keys();
        response.json(Value::Object(body))
    }

    fn needed_scope(&self) -> Option<Scope> {
        if let Self::InsufficientScope(scope) = self { *scope } else { None }
    }

    /// The additional members of this error's body.
    fn extension(&self) -> Map<String, Value> {
        let extension = match self {
            Self::InvalidFields(errors) => json!({ "fields": errors }),
            Self::SecondFactorRequired { methods, expires_at } => {
                json!({ "methods": methods, "expires_at": expires_at })
            }
            Self::PaymentRequired(refused) => {
                let MeterState { limit, used, resets_at, .. } = refused.meter;
                refused.extension(json!({ "limit": limit, "used": used, "resets_at": resets_at }))
            }
            Self::AnonymousReadsUsedUp(refused) => {
                let MeterState { limit, used, resets_at, .. } = refused.meter;
                let meter = json!({ "limit": limit, "used": used, "resets_at": resets_at, "anonymous": true });
                refused.extension(meter)
            }
            Self::SubscriptionRequired(refused) => refused.extension(json!({})),
            Self::ForwardAuth(refusal) => Value::Object(refusal.extension()),
            _ => Value::Null,
        };
        match extension {
            Value::Object(keys) => keys,
            _ => Map::new(),
        }
    }
}

fn scope_hint(needed: Option<Scope>) -> String {
    match needed {
        Some(scope) => format!("this needs an API token with the scope {}", scope.as_str()),
        None => "API tokens cannot do this; sign in".to_owned(),
    }
}

/// Tells a program with an API token what is wrong with it (RFC 6750, section 3).
fn challenge(code: &str, text: &str, needed: Option<Scope>) -> String {
    let scope = needed.map(|scope| format!(", scope=\"{}\"", scope.as_str())).unwrap_or_default();
    format!("Bearer error=\"{code}\", error_description=\"{text}\"{scope}")
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.parts(Contract::Classic).0
    }

    fn error_response(&self) -> HttpResponse {
        self.response(Contract::Classic)
    }
}
