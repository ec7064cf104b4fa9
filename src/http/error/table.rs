//! The table of errors: the status, code and text of each, and when to try again.

use std::borrow::Cow;

use actix_web::http::StatusCode;

use super::ApiError;
use crate::{config::Contract, credentials::api_tokens::Scope, users::Role};

/// Seconds after which a queue may be shorter or the database available again.
const RETRY_AFTER: u64 = 1;

/// Seconds after which most exports are complete.
const EXPORT_RETRY_AFTER: u64 = 5;

/// Seconds after which a provider is asked again.
const PROVIDER_RETRY_AFTER: u64 = 10;

type Row = (StatusCode, &'static str, Cow<'static, str>);

fn row(status: StatusCode, code: &'static str, text: impl Into<Cow<'static, str>>) -> Row {
    (status, code, text.into())
}

impl ApiError {
    /// The status, code and text under a contract.
    pub(in crate::http) fn parts(&self, contract: Contract) -> Row {
        let is_modern = contract == Contract::Modern;
        match self {
            // The same error for both, so that it does not reveal which accounts exist.
            Self::UserNotFound | Self::IncorrectPassword if is_modern => {
                row(StatusCode::UNAUTHORIZED, "cannot_login", "Cannot login")
            }
            Self::UserNotFound => row(StatusCode::NOT_FOUND, "user_not_found", "User not found"),
            Self::IncorrectPassword | Self::WrongPassword => {
                row(StatusCode::BAD_REQUEST, "incorrect_password", "Incorrect password")
            }
            Self::SecondFactorRequired { .. } => {
                row(StatusCode::UNAUTHORIZED, "second_factor_required", "enter the code of your second factor")
            }
            Self::IncorrectCode => {
                row(StatusCode::BAD_REQUEST, "incorrect_code", "this code is incorrect, or was used before")
            }
            Self::LoginExpired => {
                row(StatusCode::UNAUTHORIZED, "login_expired", "this sign-in has expired, start again")
            }
            Self::SecondFactorRequiredByPolicy => row(
                StatusCode::FORBIDDEN,
                "second_factor_required_by_policy",
                "add a second factor to your account first",
            ),
            Self::AlreadyEnrolled => {
                row(StatusCode::CONFLICT, "already_enrolled", "this second factor is already enrolled")
            }
            Self::InvalidCredential => {
                row(StatusCode::BAD_REQUEST, "invalid_credential", "this passkey cannot be used here")
            }
            Self::TooManyPasskeys => row(
                StatusCode::CONFLICT,
                "too_many_passkeys",
                "this account has the maximum number of passkeys; delete one first",
            ),
            Self::FreshLoginRequired => row(
                StatusCode::UNAUTHORIZED,
                "fresh_login_required",
                "sign in again, or send your password with the request",
            ),
            Self::TooManyRequests(_) => {
                row(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "too many attempts, try again later")
            }
            Self::ExportRunning => {
                row(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "an export of this account is already running")
            }
            Self::PaymentRequired(_) if is_modern => {
                row(StatusCode::PAYMENT_REQUIRED, "payment_required", "pay me monies")
            }
            Self::PaymentRequired(_) => row(StatusCode::BAD_REQUEST, "payment_required", "pay me monies"),
            Self::SubscriptionRequired(_) => {
                row(StatusCode::FORBIDDEN, "subscription_required", "this needs a subscription")
            }
            Self::LoginRequired | Self::AnonymousReadsUsedUp(_) => {
                row(StatusCode::UNAUTHORIZED, "login_required", "please login")
            }
            Self::NotLoggedIn => row(StatusCode::UNAUTHORIZED, "not_logged_in", "no user logged in"),
            Self::AccountDisabled => row(StatusCode::FORBIDDEN, "account_disabled", "this account is disabled"),
            Self::Forbidden(Role::Admin) => row(StatusCode::FORBIDDEN, "forbidden", "only admins may do this"),
            Self::Forbidden(_) => row(StatusCode::FORBIDDEN, "forbidden", "only editors and admins may do this"),
            Self::UnknownCondition => row(
                StatusCode::FORBIDDEN,
                "forbidden",
                "the proxy's address of /forward-auth contains an unknown condition",
            ),
            Self::UntrustedProxy => row(
                StatusCode::FORBIDDEN,
                "untrusted_proxy",
                "a metered page must be requested by a proxy that TRUSTED_PROXIES lists",
            ),
            Self::ResourceMissing => {
                row(StatusCode::FORBIDDEN, "resource_missing", "the proxy must send one X-Forwarded-Uri")
            }
            Self::InvalidPath => {
                row(StatusCode::FORBIDDEN, "invalid_path", "the path of this page is ambiguous or too long")
            }
            Self::BadSignature => {
                row(StatusCode::BAD_REQUEST, "bad_signature", "the signature is missing, invalid or too old")
            }
            Self::InvalidJson => row(StatusCode::BAD_REQUEST, "invalid_json", "the body is not valid JSON"),
            Self::InvalidFields(_) => {
                row(StatusCode::UNPROCESSABLE_ENTITY, "invalid_fields", "some fields are missing or invalid")
            }
            Self::UsernameTaken => row(StatusCode::CONFLICT, "username_taken", "this username is taken"),
            Self::EmailTaken => row(StatusCode::CONFLICT, "email_taken", "this email address is taken"),
            Self::InvalidToken => {
                row(StatusCode::BAD_REQUEST, "invalid_token", "the link is invalid or has expired; request a new one")
            }
            Self::InvalidApiToken => {
                row(StatusCode::UNAUTHORIZED, "invalid_token", "the API token is invalid, has expired or was deleted")
            }
            Self::InvalidSessionToken => row(
                StatusCode::UNAUTHORIZED,
                "invalid_token",
                "the session has ended or its token is invalid; sign in again",
            ),
            Self::InsufficientScope(needed) => row(StatusCode::FORBIDDEN, "insufficient_scope", scope_hint(*needed)),
            Self::TooManyTokens => {
                row(StatusCode::CONFLICT, "too_many_tokens", "this account has too many API tokens; delete one first")
            }
            Self::LastAdmin => row(
                StatusCode::CONFLICT,
                "last_admin",
                "this is the last active admin; make another user an admin first",
            ),
            Self::LastCredential => row(
                StatusCode::CONFLICT,
                "last_credential",
                "this is the only way to sign in to this account; set a password or add a passkey first",
            ),
            Self::ProviderUnavailable(_) => row(
                StatusCode::SERVICE_UNAVAILABLE,
                "provider_unavailable",
                "this provider cannot be reached; try again later, or sign in another way",
            ),
            Self::AlreadyAssigned => {
                row(StatusCode::CONFLICT, "already_assigned", "this payment is already assigned to another user")
            }
            Self::GiftLimitReached => row(
                StatusCode::CONFLICT,
                "gift_limit_reached",
                "you have given away as many posts as this period allows",
            ),
            Self::AlreadyVerified => {
                row(StatusCode::CONFLICT, "already_verified", "this email address is already verified")
            }
            Self::NoEmail => row(StatusCode::CONFLICT, "no_email", "this account has no email address"),
            Self::CrossOrigin => {
                row(StatusCode::FORBIDDEN, "cross_origin", "requests from this origin are not allowed")
            }
            Self::RegistrationClosed => row(StatusCode::FORBIDDEN, "registration_closed", "registration is closed"),
            Self::NotARead => row(
                StatusCode::FORBIDDEN,
                "not_a_read",
                "prefetches, link previews and cross-site requests cannot read posts",
            ),
            Self::EmailNotVerified => {
                row(StatusCode::FORBIDDEN, "email_not_verified", "verify your email address to read posts")
            }
            Self::BlogNotFound => row(StatusCode::NOT_FOUND, "blog_not_found", "Blog not found"),
            Self::NotFound => row(StatusCode::NOT_FOUND, "not_found", "not found"),
            Self::MethodNotAllowed(_) => {
                row(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this method is not allowed")
            }
            Self::TooLarge(kib) => {
                row(StatusCode::PAYLOAD_TOO_LARGE, "too_large", format!("the body is larger than {kib} KiB"))
            }
            Self::RequestTimeout => {
                row(StatusCode::REQUEST_TIMEOUT, "request_timeout", "the body was not received in time")
            }
            Self::UnsupportedMediaType(expected) => row(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                format!("the content type must be {expected}"),
            ),
            Self::Overloaded => {
                row(StatusCode::SERVICE_UNAVAILABLE, "overloaded", "too many passwords are being checked")
            }
            Self::Unavailable(_) | Self::Busy(_) => {
                row(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "the service is unavailable, try again soon")
            }
            Self::Draining => row(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "the server is shutting down"),
            Self::Internal(_) => row(StatusCode::INTERNAL_SERVER_ERROR, "internal", "internal error"),
        }
    }

    /// Seconds after which the client may try again.
    pub(in crate::http) fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Overloaded | Self::Unavailable(_) | Self::Busy(_) | Self::Draining => Some(RETRY_AFTER),
            Self::ExportRunning => Some(EXPORT_RETRY_AFTER),
            Self::ProviderUnavailable(_) => Some(PROVIDER_RETRY_AFTER),
            // Rounded up, so that a client that waits this long is let through.
            Self::TooManyRequests(wait) => Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).map(|s| s.max(1)),
            _ => None,
        }
    }
}

fn scope_hint(needed: Option<Scope>) -> Cow<'static, str> {
    match needed {
        Some(scope) => format!("this needs an API token with the scope {}", scope.into_str()).into(),
        None => "API tokens cannot do this; sign in".into(),
    }
}
