//! `/openapi.yaml` and `/openapi.json`

use actix_web::{HttpRequest, HttpResponse};

use super::embedded_file::respond;

/// The contract as written.
pub(super) async fn yaml(request: HttpRequest) -> HttpResponse {
    respond(&request, "application/yaml", include_bytes!("../../../openapi.yaml").into())
}

/// The contract converted to JSON.
pub(super) async fn json(request: HttpRequest) -> HttpResponse {
    respond(&request, "application/json", include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json")).into())
}
