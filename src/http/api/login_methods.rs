//! `/login/methods`

use actix_web::{HttpResponse, http::header};
use serde_json::json;

/// The ways to sign in that this server offers, so that a sign-in form shows no others. The response depends on the
/// settings only.
pub(in crate::http) async fn methods() -> HttpResponse {
    let body = json!({ "password": true, "passkey": cfg!(feature = "passkeys"), "email": false, "oidc": [] });
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body)
}
