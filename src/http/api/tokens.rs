//! `/account/tokens`: API tokens. All of it needs a session.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;

use crate::{
    accounts::api_tokens::{TokenName, TokenRequest},
    base::client::Client,
    credentials::api_tokens::{ApiToken, Scope, Scopes},
    http::{
        error::ApiError,
        extract::{body::Json, current_user::CurrentUser, fields::Fields},
        paths,
        state::AppState,
    },
    users::Role,
};

#[derive(Serialize)]
struct CreatedBody {
    #[serde(flatten)]
    token: ApiToken,
    /// Only present here: it is not stored.
    #[serde(rename = "token")]
    text: String,
}

pub(in crate::http) async fn create(
    state: Data<AppState>,
    user: CurrentUser,
    client: Client,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let (token, text) = create_token(&state, &user, client, body.0).await?;
    Ok(HttpResponse::Created().json(CreatedBody { token, text }))
}

/// Returns the new token and its text.
pub(in crate::http) async fn create_token(
    state: &AppState,
    user: &CurrentUser,
    client: Client,
    mut fields: Fields,
) -> Result<(ApiToken, String), ApiError> {
    let now = state.clock.now();
    let name = fields.text("name").and_then(|text| fields.check("name", TokenName::parse(&text)));
    let scopes = fields.words("scopes").and_then(|words| fields.check("scopes", parse_scopes(&words, user.role)));
    let expires_at = fields.optional_future("expires_at", now);
    let confirmation = fields.confirmation("current_password");
    fields.finish()?;
    let (name, scopes) = name.zip(scopes).ok_or_else(ApiError::missing_field)?;
    let request = TokenRequest { name, scopes, expires_at };
    Ok(state.accounts.create_api_token(user, request, confirmation, client, now).await?)
}

fn parse_scopes(words: &[String], role: Role) -> Result<Scopes, &'static str> {
    let scopes = words.iter().map(|word| word.parse::<Scope>().ok()).collect::<Option<Vec<_>>>();
    match scopes {
        None => Err("must only contain read, account and admin"),
        Some(scopes) if scopes.is_empty() => Err("must not be empty"),
        // It would do nothing now, and surprise whoever makes the user an admin later.
        Some(scopes) if scopes.contains(&Scope::Admin) && !role.is_editor() => {
            Err("must not contain admin, because this account is neither an admin's nor an editor's")
        }
        Some(scopes) => Ok(scopes.into_iter().collect()),
    }
}

pub(in crate::http) async fn list(state: Data<AppState>, user: CurrentUser) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(state.accounts.api_tokens(&user, state.clock.now()).await?))
}

pub(in crate::http) async fn delete(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
) -> Result<HttpResponse, ApiError> {
    delete_token(&state, &user, client, request.path().rsplit('/').next().unwrap_or_default()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `id` is from the raw path, because the router's parameters are already percent-decoded, or from a form.
pub(in crate::http) async fn delete_token(
    state: &AppState,
    user: &CurrentUser,
    client: Client,
    id: &str,
) -> Result<(), ApiError> {
    let id = paths::id(id).ok_or(ApiError::NotFound)?;
    match state.accounts.delete_api_token(user, id, client, state.clock.now()).await? {
        true => Ok(()),
        false => Err(ApiError::NotFound),
    }
}
