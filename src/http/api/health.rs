//! `/healthz` and `/readyz`

use actix_web::{HttpResponse, http::header, web::Data};
use serde_json::json;

use crate::http::{error::ApiError, state::AppState};

/// Reports that the process is running.
pub(in crate::http) async fn healthz() -> HttpResponse {
    ok()
}

/// Reports that the database is available and the server is not shutting down.
pub(in crate::http) async fn readyz(state: Data<AppState>) -> Result<HttpResponse, ApiError> {
    if state.is_draining() {
        return Err(ApiError::Draining);
    }
    state.db.ping().await?;
    Ok(ok())
}

fn ok() -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(json!({ "status": "ok" }))
}
