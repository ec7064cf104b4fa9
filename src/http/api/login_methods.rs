//! `/login/methods`

use actix_web::{HttpResponse, http::header, web::Data};
use serde_json::json;

use crate::http::state::AppState;

/// The ways to sign in that this server offers, so that a sign-in form shows no others. The response depends on the
/// settings only.
pub(in crate::http) async fn methods(state: Data<AppState>) -> HttpResponse {
    let email = state.config.mail.sign_in;
    let body = json!({ "password": true, "passkey": cfg!(feature = "passkeys"), "email": email, "oidc": [] });
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body)
}
