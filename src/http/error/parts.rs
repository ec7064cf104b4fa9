//! The status, code and text of each error, and when to try again.

use std::borrow::Cow;

use actix_web::http::StatusCode;

use super::ApiError;
use crate::config::Contract;

/// Seconds after which a queue may be shorter or the database available again.
const RETRY_AFTER: u64 = 1;

/// Seconds after which most exports are complete.
const EXPORT_RETRY_AFTER: u64 = 5;

impl ApiError {
    /// The status, code and text under a contract.
    pub(in crate::http) fn parts(&self, contract: Contract) -> (StatusCode, &'static str, Cow<'static, str>) {
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
            Self::Forbidden | Self::UnknownCondition => (StatusCode::FORBIDDEN, "forbidden"),
            Self::UntrustedProxy => (StatusCode::FORBIDDEN, "untrusted_proxy"),
            Self::ResourceMissing => (StatusCode::FORBIDDEN, "resource_missing"),
            Self::InvalidPath => (StatusCode::FORBIDDEN, "invalid_path"),
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
            Self::Unavailable(_) | Self::Busy(_) | Self::Draining => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        };
        (status, code, self.to_string().into())
    }

    /// Seconds after which the client may try again.
    pub(in crate::http) fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Overloaded | Self::Unavailable(_) | Self::Busy(_) | Self::Draining => Some(RETRY_AFTER),
            Self::ExportRunning => Some(EXPORT_RETRY_AFTER),
            // Rounded up, so that a client that waits this long is let through.
            Self::TooManyRequests(wait) => Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).map(|s| s.max(1)),
            _ => None,
        }
    }
}
