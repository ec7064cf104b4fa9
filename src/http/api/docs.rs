//! `/docs/`: the interactive API documentation (Swagger UI).

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
};
use utoipa_swagger_ui::{Config, SwaggerFile, serve};

use super::embedded_file;
use crate::http::{document::Document, error::ApiError};

/// The page may call only this server. Swagger UI uses inline styles and `data:` images.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    let config = Config::from("/openapi.json").try_it_out_enabled(true).deep_linking(true);
    let config = config.display_request_duration(true).default_models_expand_depth(0);
    // By default, Swagger UI sends this server's address to an online validator. The standalone layout would also have
    // a field for opening other documents.
    Arc::new(config.validator_url("none").use_base_layout())
});

/// Redirects to `/docs/`, because the page refers to its files by relative paths.
pub(super) async fn redirect() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

/// Serves a file of the page. All of them are embedded in the binary.
pub(super) async fn file(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let name = request.path().strip_prefix("/docs/").unwrap_or_default();
    let found = serve(name, CONFIG.clone()).map_err(ApiError::internal)?;
    // The library also serves the page for the name `/`, but `/docs//` is a different path.
    let found = found.filter(|_| name != "/").ok_or(ApiError::NotFound)?;
    let SwaggerFile { bytes, content_type, .. } = found;
    let bytes = if content_type == "text/html" { with_viewport(&bytes) } else { bytes };
    let response = embedded_file::respond(&request, &content_type, bytes);
    Ok(Document { policy: HeaderValue::from_static(POLICY), is_public: true }.mark(response))
}

/// Swagger UI's page declares no viewport: phones would lay it out for a desktop and shrink it.
fn with_viewport(page: &[u8]) -> Cow<'static, [u8]> {
    let title =
        "<title>tollgate API</title>\n    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">";
    Cow::Owned(String::from_utf8_lossy(page).replace("<title>Swagger UI</title>", title).into_bytes())
}
