//! `/account/identities`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;
use serde_json::json;

use super::oidc::depart;
use crate::{
    accounts::{Confirmation, OtherWaysIn},
    base::{client::Client, clock::Timestamp},
    credentials::identities::LinkedIdentity,
    http::{
        error::ApiError,
        extract::{body::OptionalJson, current_user::CurrentUser},
        oidc_cookie::Departure,
        paths,
        return_address::ReturnAddress,
        state::AppState,
    },
};

/// What users see of an identity.
#[derive(Serialize)]
pub(in crate::http) struct IdentityBody {
    pub(in crate::http) id: i64,
    /// The name of the provider; `null` if it is not configured any more.
    provider: Option<String>,
    pub(in crate::http) label: String,
    pub(in crate::http) email: Option<String>,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
}

impl IdentityBody {
    fn of(identity: LinkedIdentity, state: &AppState) -> Self {
        let provider = state.providers.find_by_issuer(&identity.issuer);
        Self {
            id: identity.id,
            provider: provider.map(|provider| provider.name().to_owned()),
            label: provider.map_or(identity.issuer, |provider| provider.label().to_owned()),
            email: identity.email,
            created_at: identity.created_at,
            last_used_at: identity.last_used_at,
        }
    }
}

pub(in crate::http) async fn list(state: Data<AppState>, user: CurrentUser) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(identities_of(&state, &user).await?))
}

pub(in crate::http) async fn identities_of(
    state: &AppState,
    user: &CurrentUser,
) -> Result<Vec<IdentityBody>, ApiError> {
    let linked = state.accounts.identities(user).await?;
    Ok(linked.into_iter().map(|identity| IdentityBody::of(identity, state)).collect())
}

/// Returns where to send the browser, so that the provider says which of its accounts is to be linked.
pub(in crate::http) async fn start(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
    body: OptionalJson,
) -> Result<HttpResponse, ApiError> {
    let mut fields = body.0;
    let next = fields.optional_text("next");
    let confirmation = fields.into_confirmation()?;
    let next = ReturnAddress::parse(Some(next.as_deref().unwrap_or(paths::ACCOUNT)), &state.config.server);
    let name = request.path().rsplit('/').next().unwrap_or_default();
    let url = start_linking(&state, &request, &user, &client, name, &next, confirmation).await?;
    Ok(HttpResponse::Ok().json(json!({ "url": url })))
}

/// Returns the address at the provider.
pub(in crate::http) async fn start_linking(
    state: &AppState,
    request: &HttpRequest,
    user: &CurrentUser,
    client: &Client,
    name: &str,
    next: &ReturnAddress,
    confirmation: Option<Confirmation>,
) -> Result<String, ApiError> {
    let provider = state.providers.find(name).ok_or(ApiError::NotFound)?;
    state.accounts.may_link_identity(user, confirmation, client, state.clock.now()).await?;
    let session_id = Some(user.session_id);
    depart(state, request, provider, next, |departure| Departure { session_id, ..departure }).await
}

pub(in crate::http) async fn delete(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
    body: OptionalJson,
) -> Result<HttpResponse, ApiError> {
    let confirmation = body.0.into_confirmation()?;
    unlink(&state, &user, paths::trailing_id(&request)?, confirmation, client).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(in crate::http) async fn unlink(
    state: &AppState,
    user: &CurrentUser,
    id: i64,
    confirmation: Option<Confirmation>,
    client: Client,
) -> Result<(), ApiError> {
    let issuers = state.providers.iter().map(|provider| provider.issuer().to_owned()).collect();
    let other_ways = OtherWaysIn { email: state.config.mail.sign_in, issuers };
    Ok(state.accounts.unlink_identity(user, id, other_ways, confirmation, client, state.clock.now()).await?)
}
