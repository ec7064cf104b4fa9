//! `/login`

use actix_session::Session;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web::Data};

use super::user::SignedInBody;
use crate::{
    accounts::credentials::{PasswordError, Subject},
    client::Client,
    db::Tx,
    http::{
        error::ApiError,
        extract::{body::FormOrJson, fields::Fields},
        known_browser,
        middleware::session_cookie::CookieMaxAge,
        state::AppState,
    },
    models::users::User,
    sessions::{self, IssuedSession},
};

struct Login {
    username: String,
    password: String,
    stay_signed_in: bool,
}

pub(super) async fn login(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
    session: Session,
    body: FormOrJson,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(sign_in(&state, &request, client, &session, body.0).await?))
}

/// Signs in with the submitted credentials. The browser's previous session, if any, ends.
pub(in crate::http) async fn sign_in(
    state: &AppState,
    request: &HttpRequest,
    client: Client,
    session: &Session,
    fields: Fields,
) -> Result<SignedInBody, ApiError> {
    let Login { username, password, stay_signed_in } = parse(fields)?;
    let known_accounts = known_browser::accounts(request, state);
    let subject = Subject::Name { name: username, known_accounts: known_accounts.clone() };
    let outcome = open_session(state, subject, &password, stay_signed_in, client).await;
    if let Some(metrics) = &state.requests {
        metrics.count_login(&outcome);
    }
    let (user, issued) = outcome?;

    known_browser::remember(request, state, known_accounts, user.id);
    if stay_signed_in {
        request.extensions_mut().insert(CookieMaxAge(state.config.session.remembered.idle));
    }
    let body = SignedInBody::at_login(user, &issued);
    sessions::set_cookie(session, issued).map_err(|error| ApiError::Internal(error.to_string()))?;
    Ok(body)
}

async fn open_session(
    state: &AppState,
    subject: Subject,
    password: &str,
    stay_signed_in: bool,
    client: Client,
) -> Result<(User, IssuedSession), PasswordError> {
    let (config, now) = (state.config.session, state.clock.now());
    let verified = state.verifier.verify(subject, password, &client, now).await?;
    let open = move |tx: &mut Tx<'_>| {
        let user = verified.sign_in(tx, &client)?;
        let issued = sessions::issue(tx, &config, user.id, stay_signed_in, &client, now)?;
        Ok::<_, PasswordError>((user, issued))
    };
    state.db.write(open).await
}

fn parse(mut fields: Fields) -> Result<Login, ApiError> {
    let (username, password) = (fields.text("username"), fields.text("password"));
    let stay_signed_in = fields.flag("stay_signed_in");
    fields.finish()?;
    match (username, password) {
        (Some(username), Some(password)) => Ok(Login { username, password, stay_signed_in }),
        _ => Err(ApiError::missing_field()),
    }
}
