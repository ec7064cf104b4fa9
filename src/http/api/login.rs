//! `/login`

use actix_web::{HttpRequest, HttpResponse, web::Data};

use super::user::SignedInBody;
use crate::{
    accounts::{Login, PasswordStep},
    base::client::Client,
    credentials::sessions::IssuedSession,
    http::{
        error::ApiError,
        extract::{body::FormOrJson, fields::Fields},
        known_browser, login_cookies, reader_cookie, session,
        state::AppState,
    },
    users::User,
};

pub(super) async fn login(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
    body: FormOrJson,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(sign_in(&state, &request, client, body.0).await?))
}

/// Signs in with the submitted credentials. The browser's previous session, if any, ends, even if a second factor is
/// still to come.
pub(in crate::http) async fn sign_in(
    state: &AppState,
    request: &HttpRequest,
    client: Client,
    fields: Fields,
) -> Result<SignedInBody<'static>, ApiError> {
    let known_accounts = known_browser::accounts(request, state);
    let mut login = parse(fields, known_accounts.clone(), login_cookies::trusted(request, state))?;
    login.reader = reader_cookie::of_login(request, state);
    let outcome = state.accounts.log_in(state.seeds.clone(), login, client, state.clock.now()).await;
    if let Some(metrics) = &state.requests {
        metrics.count_login(&outcome);
    }
    let (user, issued) = match outcome? {
        PasswordStep::SignedIn(user, issued) => (*user, issued),
        PasswordStep::SecondFactorRequired(pending) => {
            session::end(request);
            login_cookies::set_pending(request, state, &pending.token, pending.expires_at);
            let (methods, expires_at) = (pending.methods, pending.expires_at);
            return Err(ApiError::SecondFactorRequired { methods, expires_at });
        }
    };

    finish_login(request, state, known_accounts, user, issued)
}

/// Sets the cookies of a login that is complete, by whichever way, and returns the body of the response.
pub(super) fn finish_login(
    request: &HttpRequest,
    state: &AppState,
    known_accounts: Vec<i64>,
    user: User,
    issued: IssuedSession,
) -> Result<SignedInBody<'static>, ApiError> {
    known_browser::remember(request, state, known_accounts, user.id);
    login_cookies::clear_pending(request, state);
    let body = SignedInBody::at_login(user, &issued);
    session::start(request, state, issued)?;
    Ok(body)
}

fn parse(mut fields: Fields, known_accounts: Vec<i64>, trust_token: Option<String>) -> Result<Login, ApiError> {
    let (username, password) = (fields.text("username"), fields.text("password"));
    let stay_signed_in = fields.flag("stay_signed_in");
    fields.finish()?;
    match (username, password) {
        (Some(username), Some(password)) => {
            Ok(Login { username, password, stay_signed_in, known_accounts, trust_token, reader: None })
        }
        _ => Err(ApiError::missing_field()),
    }
}
