//! `/login/methods`

use actix_web::{HttpResponse, http::header, web::Data};
use serde_json::{Value, json};

use super::oidc::address;
use crate::{http::state::AppState, openid::Provider};

/// The ways to sign in that this server offers, so that a sign-in form shows no others. The response depends on the
/// settings only.
pub(in crate::http) async fn methods(state: Data<AppState>) -> HttpResponse {
    let email = state.config.mail.sign_in;
    let oidc: Vec<_> = state.providers.iter().map(provider).collect();
    let body = json!({ "password": true, "passkey": cfg!(feature = "passkeys"), "email": email, "oidc": oidc });
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body)
}

fn provider(provider: &Provider) -> Value {
    json!({ "name": provider.name(), "label": provider.label(), "url": address(provider) })
}
