//! `/openapi.yaml` and `/openapi.json`

use actix_web::{HttpResponse, http::header};

/// The contract as written.
pub(super) async fn yaml() -> HttpResponse {
    document("application/yaml", include_str!("../../../openapi.yaml"))
}

/// The contract converted to JSON.
pub(super) async fn json() -> HttpResponse {
    document("application/json", include_str!(concat!(env!("OUT_DIR"), "/openapi.json")))
}

fn document(content_type: &str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type(content_type).insert_header((header::CACHE_CONTROL, "no-cache")).body(text)
}
