//! The API description, and `/docs/`, where it can be tried (Swagger UI). All of it is embedded in the binary.

use std::{
    borrow::Cow,
    convert::Infallible,
    sync::{Arc, LazyLock},
};

use actix_web::{
    HttpRequest, HttpResponse,
    body::{BoxBody, SizedStream},
    http::header::{self, EntityTag, HeaderValue},
    web::{Bytes, Data, block},
};
use futures_util::stream;
use utoipa_swagger_ui::{Config, SwaggerFile, serve};

use crate::http::{
    AppState,
    document::Document,
    entity_tag,
    error::ApiError,
    openapi::{Documents, ServedPaths},
};

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
pub(in crate::http) async fn redirect() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

/// Serves a file of the page. All of them are embedded in the binary.
pub(in crate::http) async fn file(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let name = request.path().strip_prefix("/docs/").unwrap_or_default();
    let found = serve(name, CONFIG.clone()).map_err(ApiError::internal)?;
    // The library also serves the page for the name `/`, but `/docs//` is a different path.
    let found = found.filter(|_| name != "/").ok_or(ApiError::NotFound)?;
    let SwaggerFile { bytes, content_type, .. } = found;
    let bytes = if content_type == "text/html" { with_viewport(&bytes) } else { bytes };
    let response = respond(&request, &content_type, bytes);
    Ok(Document { policy: HeaderValue::from_static(POLICY), is_public: true }.mark(response))
}

/// Swagger UI's page declares no viewport: phones would lay it out for a desktop and shrink it.
fn with_viewport(page: &[u8]) -> Cow<'static, [u8]> {
    let title =
        "<title>tollgate API</title>\n    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">";
    Cow::Owned(String::from_utf8_lossy(page).replace("<title>Swagger UI</title>", title).into_bytes())
}

/// The API description as YAML.
pub(in crate::http) async fn yaml(
    request: HttpRequest,
    state: Data<AppState>,
    paths: Data<ServedPaths>,
) -> Result<HttpResponse, ApiError> {
    describe(&request, state, paths, "application/yaml", |documents| &documents.yaml).await
}

/// The API description as JSON.
pub(in crate::http) async fn json(
    request: HttpRequest,
    state: Data<AppState>,
    paths: Data<ServedPaths>,
) -> Result<HttpResponse, ApiError> {
    describe(&request, state, paths, "application/json", |documents| &documents.json).await
}

async fn describe(
    request: &HttpRequest,
    state: Data<AppState>,
    paths: Data<ServedPaths>,
    content_type: &str,
    choose: fn(&Documents) -> &Bytes,
) -> Result<HttpResponse, ApiError> {
    let described = block(move || state.description.documents(&state.config, &paths)).await;
    let documents = described.map_err(ApiError::internal)??;
    let tag = EntityTag::new_weak(documents.tag.clone());
    Ok(entity_tag::response(request, tag, "no-cache", content_type, choose(&documents).clone()))
}

const CHUNK_SIZE: usize = 32 * 1024;

/// Responds with the file, or with 304 if the client has the current version.
pub(super) fn respond(request: &HttpRequest, content_type: &str, bytes: Cow<'static, [u8]>) -> HttpResponse {
    let tag = EntityTag::new_weak(env!("CARGO_PKG_VERSION").to_owned());
    entity_tag::response(request, tag, "no-cache", content_type, body(bytes))
}

/// Streams the file in chunks: the largest is 1.5 MB, and the framework would copy all of it for each slow client.
fn body(bytes: Cow<'static, [u8]>) -> BoxBody {
    match bytes {
        Cow::Owned(bytes) => BoxBody::new(bytes),
        Cow::Borrowed(bytes) => {
            let chunks = bytes.chunks(CHUNK_SIZE).map(|chunk| Ok::<_, Infallible>(Bytes::from_static(chunk)));
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            BoxBody::new(SizedStream::new(length, stream::iter(chunks)))
        }
    }
}
