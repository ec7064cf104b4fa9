//! `/login` and `/logout`

use actix_web::{HttpRequest, HttpResponse, web::Data};

use super::user::SignedInBody;
use crate::{
    accounts::{Login, PasswordStep},
    base::client::Client,
    credentials::sessions::{self, IssuedSession},
    http::{
        error::ApiError,
        extract::{body::FormOrJson, current_user::CurrentUser, fields::Fields},
        login_cookies, reader_cookie, session,
        state::AppState,
    },
    users::User,
};

pub(in crate::http) async fn login(
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
    let known_accounts = login_cookies::known_accounts(request, state);
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
    login_cookies::remember_account(request, state, known_accounts, user.id);
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

pub(in crate::http) async fn logout(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
) -> Result<HttpResponse, ApiError> {
    sign_out(&state, &request, &user, client).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ends the current session, first in the database and then, with the response, in the browser.
///
/// Only the session cookie is cleared. `Clear-Site-Data: "cookies"` would delete all cookies of the registrable domain
/// (<https://www.w3.org/TR/clear-site-data/#clear-cookies>), including those of other applications and the
/// `known_browser` cookie, without which an attacker's guesses could lock the user out in this browser.
pub(in crate::http) async fn sign_out(
    state: &AppState,
    request: &HttpRequest,
    user: &CurrentUser,
    client: Client,
) -> Result<(), ApiError> {
    let (user_id, id, now) = (user.user_id, user.session_id, state.clock.now());
    state.db.write(move |tx| sessions::log_out(tx, user_id, id, &client, now)).await?;
    session::end(request);
    Ok(())
}
