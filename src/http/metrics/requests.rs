//! Metrics of requests, connections and logins.

use std::{hash::Hash, time::Duration};

use actix_web::{dev::ServiceResponse, http::StatusCode};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use crate::{
    accounts::{AccountError, PasswordStep, passwords::PasswordError},
    http::method,
    openid::{Provider, Providers},
};

/// In seconds, from a session check answered from the cache to the longest that a client waits.
const BUCKETS: [f64; 16] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

const LOGIN_OUTCOMES: [&str; 8] = [
    "success",
    "second_factor_required",
    "unknown_user",
    "wrong_password",
    "disabled",
    "throttled",
    "overloaded",
    "unavailable",
];

const EMAIL_OUTCOMES: [&str; 7] =
    ["success", "second_factor_required", "invalid_token", "incorrect_code", "disabled", "throttled", "unavailable"];

const PASSKEY_OUTCOMES: [&str; 6] =
    ["success", "invalid_credential", "login_expired", "disabled", "throttled", "unavailable"];

/// Most are the codes that the login page shows.
const OIDC_OUTCOMES: [&str; 13] = [
    "success",
    "linked",
    "second_factor_required",
    "sign_in_to_link",
    "login_expired",
    "access_denied",
    "provider_error",
    "provider_unavailable",
    "identity_taken",
    "account_disabled",
    "registration_closed",
    "too_many_requests",
    "unavailable",
];

/// Metrics of requests. Clones share the same state.
#[derive(Clone, Debug)]
pub struct RequestMetrics {
    requests: Family<ResponseLabels, Counter>,
    seconds: Family<RouteLabels, Histogram>,
    throttled: Family<ThrottleLabels, Counter>,
    /// Requests with forwarding headers from an address that `TRUSTED_PROXIES` does not list.
    pub(in crate::http) untrusted_forwarding: Counter,
    /// Open connections.
    pub connections: Gauge,
    /// The maximum number of connections served at once.
    pub connections_limit: Gauge,
    logins: Family<OutcomeLabels, Counter>,
    second_factors: Family<SecondFactorLabels, Counter>,
    passkey_logins: Family<OutcomeLabels, Counter>,
    email_logins: Family<OutcomeLabels, Counter>,
    oidc_logins: Family<ProviderLabels, Counter>,
    api_tokens: Family<OutcomeLabels, Counter>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ProviderLabels {
    provider: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct SecondFactorLabels {
    method: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ResponseLabels {
    method: &'static str,
    route: String,
    status: u16,
}

const THROTTLED: [&str; 4] = ["codes", "messages", "passwords", "registrations"];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ThrottleLabels {
    /// What there were too many of.
    of: &'static str,
}

impl Default for RequestMetrics {
    fn default() -> Self {
        let wrong_codes = ["success", "incorrect_code", "login_expired", "throttled", "unavailable"];
        let wrong_credentials = ["success", "invalid_credential", "login_expired", "throttled", "unavailable"];
        let methods = [("totp", wrong_codes), ("recovery_code", wrong_codes), ("passkey", wrong_credentials)];
        let second_factors = methods.into_iter().flat_map(|(method, outcomes)| {
            outcomes.into_iter().map(move |outcome| SecondFactorLabels { method, outcome })
        });
        Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            throttled: starting_at_zero(THROTTLED.map(|of| ThrottleLabels { of })),
            untrusted_forwarding: Counter::default(),
            connections: Gauge::default(),
            connections_limit: Gauge::default(),
            logins: starting_at_zero(LOGIN_OUTCOMES.map(|outcome| OutcomeLabels { outcome })),
            second_factors: starting_at_zero(second_factors),
            passkey_logins: starting_at_zero(PASSKEY_OUTCOMES.map(|outcome| OutcomeLabels { outcome })),
            email_logins: starting_at_zero(EMAIL_OUTCOMES.map(|outcome| OutcomeLabels { outcome })),
            oidc_logins: Family::default(),
            api_tokens: starting_at_zero(["accepted", "invalid"].map(|outcome| OutcomeLabels { outcome })),
        }
    }
}

/// The label of a 429 on this route; `None` if nothing was throttled.
fn throttle_label(route: &str) -> Option<&'static str> {
    match route {
        "/register" => Some("registrations"),
        "/login/second-factor" | "/login/passkey" | "/account/totp/confirm" | "/second-factor" => Some("codes"),
        "/password/forgot" | "/forgot-password" | "/account/email/verification" => Some("messages"),
        // An export of the same account is running.
        "/account/export" => None,
        _ => Some("passwords"),
    }
}

/// Creates the series at once, so that alerts see the first increase.
fn starting_at_zero<L: Clone + Eq + Hash>(series: impl IntoIterator<Item = L>) -> Family<L, Counter> {
    let family = Family::<L, Counter>::default();
    for labels in series {
        drop(family.get_or_create(&labels));
    }
    family
}

impl RequestMetrics {
    /// With the providers that people can sign in with.
    #[must_use]
    pub fn new(providers: &Providers) -> Self {
        let of = |provider: &Provider| {
            let provider = provider.name().to_owned();
            OIDC_OUTCOMES.map(|outcome| ProviderLabels { provider: provider.clone(), outcome })
        };
        Self { oidc_logins: starting_at_zero(providers.iter().flat_map(of)), ..Self::default() }
    }

    /// Counts a completed request. `route` is the matched pattern and not the path, because clients could otherwise
    /// create any number of series.
    pub(in crate::http) fn count(&self, response: &ServiceResponse, route: Option<&str>, took: Duration) {
        let (method, route) =
            (method::registered(response.request().method()).unwrap_or("other"), route.unwrap_or("unmatched"));
        let status = response.status();
        if status == StatusCode::TOO_MANY_REQUESTS
            && let Some(of) = throttle_label(route)
        {
            self.throttled.get_or_create(&ThrottleLabels { of }).inc();
        }
        self.seconds.get_or_create(&RouteLabels { method, route: route.to_owned() }).observe(took.as_secs_f64());
        self.requests.get_or_create(&ResponseLabels { method, route: route.to_owned(), status: status.as_u16() }).inc();
    }

    /// Counts a login attempt.
    pub(in crate::http) fn count_login(&self, result: &Result<PasswordStep, PasswordError>) {
        let outcome = match result {
            Ok(PasswordStep::SignedIn(..)) => "success",
            Ok(PasswordStep::SecondFactorRequired(_)) => "second_factor_required",
            Err(PasswordError::NoSuchUser) => "unknown_user",
            Err(PasswordError::Wrong) => "wrong_password",
            Err(PasswordError::Disabled) => "disabled",
            Err(PasswordError::Throttled(_)) => "throttled",
            Err(PasswordError::Overloaded(_)) => "overloaded",
            Err(PasswordError::Db(_)) => "unavailable",
        };
        self.logins.get_or_create(&OutcomeLabels { outcome }).inc();
    }

    /// Counts an attempt to complete a login with a second factor.
    pub(in crate::http) fn count_second_factor<T>(&self, method: &'static str, result: &Result<T, AccountError>) {
        let outcome = match result {
            Ok(_) => "success",
            Err(AccountError::IncorrectCode) => "incorrect_code",
            Err(AccountError::InvalidCredential) => "invalid_credential",
            Err(AccountError::LoginExpired) => "login_expired",
            Err(AccountError::Throttled(_)) => "throttled",
            Err(_) => "unavailable",
        };
        self.second_factors.get_or_create(&SecondFactorLabels { method, outcome }).inc();
    }

    /// Counts an attempt to sign in with a passkey and without a username.
    #[cfg(feature = "passkeys")]
    pub(in crate::http) fn count_passkey_login<T>(&self, result: &Result<T, AccountError>) {
        let outcome = match result {
            Ok(_) => "success",
            Err(AccountError::InvalidCredential) => "invalid_credential",
            Err(AccountError::LoginExpired) => "login_expired",
            Err(AccountError::Disabled) => "disabled",
            Err(AccountError::Throttled(_)) => "throttled",
            Err(_) => "unavailable",
        };
        self.passkey_logins.get_or_create(&OutcomeLabels { outcome }).inc();
    }

    /// Counts an attempt to sign in by a link or code from a message.
    pub(in crate::http) fn count_email_login(&self, result: &Result<PasswordStep, AccountError>) {
        let outcome = match result {
            Ok(PasswordStep::SignedIn(..)) => "success",
            Ok(PasswordStep::SecondFactorRequired(_)) => "second_factor_required",
            Err(AccountError::InvalidToken) => "invalid_token",
            Err(AccountError::IncorrectCode) => "incorrect_code",
            Err(AccountError::Disabled) => "disabled",
            Err(AccountError::Throttled(_)) => "throttled",
            Err(_) => "unavailable",
        };
        self.email_logins.get_or_create(&OutcomeLabels { outcome }).inc();
    }

    /// Counts a browser that came back from one of the configured providers.
    pub(in crate::http) fn count_oidc_login(&self, provider: &str, outcome: &'static str) {
        self.oidc_logins.get_or_create(&ProviderLabels { provider: provider.to_owned(), outcome }).inc();
    }

    /// Counts a request with an API token.
    pub(in crate::http) fn count_api_token(&self, is_accepted: bool) {
        let outcome = if is_accepted { "accepted" } else { "invalid" };
        self.api_tokens.get_or_create(&OutcomeLabels { outcome }).inc();
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("http_requests", "Completed requests", self.requests.clone());
        let seconds = "Duration of requests, from the request head to the response head";
        registry.register("http_request_duration_seconds", seconds, self.seconds.clone());
        registry.register("http_connections", "Open connections", self.connections.clone());
        let limit = "Maximum number of connections served at once";
        registry.register("http_connections_limit", limit, self.connections_limit.clone());
        registry.register("logins", "Login attempts by outcome", self.logins.clone());
        let second_factors = "Attempts to complete a login with a second factor, by method and outcome";
        registry.register("second_factors", second_factors, self.second_factors.clone());
        let passkey_logins = "Attempts to sign in with a passkey and without a username, by outcome";
        registry.register("passkey_logins", passkey_logins, self.passkey_logins.clone());
        let email_logins = "Attempts to sign in with a link or code from a message, by outcome";
        registry.register("email_logins", email_logins, self.email_logins.clone());
        let oidc_logins = "Answers of OpenID Connect providers, by provider and outcome";
        registry.register("oidc_logins", oidc_logins, self.oidc_logins.clone());
        registry.register("api_tokens", "Requests with API tokens, by outcome", self.api_tokens.clone());
        let throttled = "Requests rejected with 429, by what there were too many of";
        registry.register("throttle_refusals", throttled, self.throttled.clone());
        let untrusted = "Requests with X-Forwarded-For or Forwarded from an address that TRUSTED_PROXIES does not list";
        registry.register("http_untrusted_forwarding", untrusted, self.untrusted_forwarding.clone());
    }
}
