//! `/login/oidc/<name>` and `/login/oidc/<name>/callback`

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};
use subtle::ConstantTimeEq;

use super::login::{finish_first_step, trust_token};
use crate::{
    accounts::{AccountError, IdentityLogin, IdentityStep},
    base::client::Client,
    credentials::sessions::Transport,
    http::{
        error::ApiError,
        extract::{body::FormOrJson, current_user::CurrentUser, fields::Fields},
        login_cookies,
        middleware::origin::is_sent_by_another_site,
        oidc_cookie::{self, Departure},
        pages::{Next, see_other},
        return_address::ReturnAddress,
        state::AppState,
    },
    openid::{ExternalIdentity, Provider, ProviderError},
};

/// What an app's login page is told if its user still has to prove the second factor.
const SECOND_FACTOR: &str = "second_factor_required";

/// Sends the browser to the provider.
pub(in crate::http) async fn start(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let provider = provider(&state, &request)?;
    let query = Fields::query(request.query_string());
    let next = ReturnAddress::parse(query.submitted_text("next"), &state.config.server);
    let stay_signed_in = query.submitted_text("stay_signed_in").is_some_and(|text| matches!(text, "true" | "on"));
    let is_foreign = is_sent_by_another_site(request.headers(), &state.config.server);
    let url =
        depart(&state, &request, provider, &next, |departure| Departure { stay_signed_in, is_foreign, ..departure });
    Ok(found(&url.await?))
}

/// Remembers where the browser comes from, and returns the address at the provider that it is to be sent to.
pub(super) async fn depart(
    state: &AppState,
    request: &HttpRequest,
    provider: &Provider,
    next: &ReturnAddress,
    to: impl FnOnce(Departure) -> Departure,
) -> Result<String, ApiError> {
    let authorization = provider.authorize().await.map_err(|error| unavailable(provider, &error))?;
    let departure = Departure {
        provider: provider.name().to_owned(),
        state: authorization.flow.state,
        nonce: authorization.flow.nonce,
        verifier: authorization.flow.verifier,
        next: next.as_str().to_owned(),
        stay_signed_in: false,
        session_id: None,
        is_foreign: false,
    };
    oidc_cookie::set_departure(request, state, to(departure));
    Ok(authorization.url)
}

/// Signs in with what the provider has sent back, or links it to the session that has asked for that. Whatever goes wrong,
/// the login page says so.
pub(in crate::http) async fn callback(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
    user: Option<CurrentUser>,
) -> Result<HttpResponse, ApiError> {
    let provider = provider(&state, &request)?;
    let query = Fields::query(request.query_string());
    let departure = oidc_cookie::departure(&request, &state).filter(|departure| is_answer(departure, provider, &query));
    let Some(departure) = departure else {
        count(&state, provider, "login_expired");
        return Ok(found(&ReturnAddress::parse(None, &state.config.server).login("login_expired")));
    };
    // Whatever comes of it, this answer is used up.
    oidc_cookie::clear(&request, &state);
    let next = ReturnAddress::parse(Some(&departure.next), &state.config.server);
    let outcome = arrive(&state, &request, client, user, provider, &departure, &query).await;
    let (code, address) = match outcome {
        Ok(Arrival::SignedIn) => ("success", next.as_str().to_owned()),
        Ok(Arrival::Linked) => ("linked", next.as_str().to_owned()),
        Ok(Arrival::SecondFactorRequired) => (SECOND_FACTOR, second_factor_address(&state, &next)),
        Err(Failure::Shown(code)) => (code, next.login(code)),
        Err(Failure::Error(error)) => {
            count(&state, provider, "unavailable");
            return Err(error);
        }
    };
    count(&state, provider, code);
    Ok(found(&address))
}

/// Takes what a provider makes the browser post, and makes the browser follow with GET. Browsers send no cookies with a form
/// that another site has posted. Nothing else happens here, so that the origin of the form does not matter.
pub(in crate::http) async fn posted(
    state: Data<AppState>,
    request: HttpRequest,
    body: FormOrJson,
) -> Result<HttpResponse, ApiError> {
    provider(&state, &request)?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in ["state", "code", "error", "iss"] {
        if let Some(value) = body.0.submitted_text(name) {
            query.append_pair(name, value);
        }
    }
    Ok(see_other(&format!("{}?{}", request.path(), query.finish())))
}

/// How an answer of a provider ends that is valid.
enum Arrival {
    SignedIn,
    Linked,
    SecondFactorRequired,
}

enum Failure {
    /// The login page shows the sentence of this code.
    Shown(&'static str),
    /// Nothing that the user could do about.
    Error(ApiError),
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Disabled => Self::Shown("account_disabled"),
            AccountError::RegistrationClosed => Self::Shown("registration_closed"),
            AccountError::IdentityTaken => Self::Shown("identity_taken"),
            AccountError::Throttled(_) => Self::Shown("too_many_requests"),
            AccountError::LoginExpired | AccountError::SessionEnded => Self::Shown("login_expired"),
            error => Self::Error(error.into()),
        }
    }
}

async fn arrive(
    state: &AppState,
    request: &HttpRequest,
    client: Client,
    user: Option<CurrentUser>,
    provider: &Provider,
    departure: &Departure,
    query: &Fields,
) -> Result<Arrival, Failure> {
    let identity = identify(provider, departure, query).await?;
    let now = state.clock.now();
    if let Some(session_id) = departure.session_id {
        let user = user.filter(|user| user.session_id == session_id).ok_or(AccountError::SessionEnded)?;
        state.accounts.link_identity(&user, identity, client, now).await?;
        return Ok(Arrival::Linked);
    }
    let login = IdentityLogin {
        identity,
        stay_signed_in: departure.stay_signed_in,
        browser: login_cookies::browser(request, state, Transport::Cookie),
        trust_token: trust_token(request, state, Transport::Cookie),
    };
    let step = match state.accounts.log_in_with_identity(state.seeds.clone(), login, client, now).await? {
        IdentityStep::Passed(step) => step,
        IdentityStep::OwnerMustSignIn(identity) => {
            if !departure.is_foreign {
                oidc_cookie::set_waiting(request, state, identity);
            }
            return Err(Failure::Shown("sign_in_to_link"));
        }
    };
    match finish_first_step(request, state, Transport::Cookie, step).await {
        Ok(_) => Ok(Arrival::SignedIn),
        Err(ApiError::SecondFactorRequired { .. }) => Ok(Arrival::SecondFactorRequired),
        Err(error) => Err(Failure::Error(error)),
    }
}

/// Whether a browser brings back what the same browser was sent away with, to the same provider.
fn is_answer(departure: &Departure, provider: &Provider, query: &Fields) -> bool {
    let state = query.submitted_text("state").unwrap_or_default();
    let is_own = bool::from(state.as_bytes().ct_eq(departure.state.as_bytes()));
    // RFC 9207: a provider that names itself cannot be taken for another one.
    let is_issuer = query.submitted_text("iss").is_none_or(|issuer| issuer == provider.issuer());
    is_own && is_issuer && departure.provider == provider.name()
}

async fn identify(provider: &Provider, departure: &Departure, query: &Fields) -> Result<ExternalIdentity, Failure> {
    match (query.submitted_text("error"), query.submitted_text("code")) {
        // The second one is Apple's.
        (Some("access_denied" | "user_cancelled_authorize"), _) => Err(Failure::Shown("access_denied")),
        (None, Some(code)) => provider.identify(code.to_owned(), departure.flow()).await.map_err(|error| {
            tracing::warn!(provider = provider.name(), %error, "nobody could be signed in with a provider");
            match error {
                ProviderError::Unavailable(_) => Failure::Shown("provider_unavailable"),
                ProviderError::Rejected(_) => Failure::Shown("provider_error"),
            }
        }),
        (error, _) => {
            let error = error.unwrap_or("no code");
            tracing::warn!(provider = provider.name(), error, "a provider has signed nobody in");
            Err(Failure::Shown("provider_error"))
        }
    }
}

/// Where the second factor is asked for. An app has a page of its own for that.
fn second_factor_address(state: &AppState, next: &ReturnAddress) -> String {
    match next {
        ReturnAddress::Here(next) if state.config.server.has_pages() => next.after("/login/second-factor"),
        next => next.login(SECOND_FACTOR),
    }
}

/// The provider that the path names.
fn provider<'s>(state: &'s AppState, request: &HttpRequest) -> Result<&'s Provider, ApiError> {
    let name = request.path().split('/').nth(3).unwrap_or_default();
    state.providers.find(name).ok_or(ApiError::NotFound)
}

pub(super) fn unavailable(provider: &Provider, error: &ProviderError) -> ApiError {
    ApiError::ProviderUnavailable(format!("{}: {error}", provider.name()))
}

fn count(state: &AppState, provider: &Provider, outcome: &'static str) {
    if let Some(metrics) = &state.requests {
        metrics.count_oidc_login(provider.name(), outcome);
    }
}

/// The address may contain secrets of the browser that it is for.
fn found(address: &str) -> HttpResponse {
    let mut response = HttpResponse::Found();
    response.insert_header((header::LOCATION, address)).insert_header((header::CACHE_CONTROL, "no-store"));
    response.finish()
}

/// A button of the login page.
pub(in crate::http) struct ProviderLink {
    pub(in crate::http) label: String,
    pub(in crate::http) url: String,
}

/// The buttons of the login page, which lead on to `next`.
pub(in crate::http) fn links(state: &AppState, next: &Next) -> Vec<ProviderLink> {
    let link =
        |provider: &Provider| ProviderLink { label: provider.label().to_owned(), url: next.after(&address(provider)) };
    state.providers.iter().map(link).collect()
}

/// Where signing in with a provider begins.
pub(super) fn address(provider: &Provider) -> String {
    format!("/login/oidc/{}", provider.name())
}
