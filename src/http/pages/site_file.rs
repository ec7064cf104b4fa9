//! The publisher's own files: `/_site/…`, the logo and the style sheet.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{EntityTag, HeaderValue},
    web::Data,
};

use super::site::FOLDER;
use crate::http::{document::Document, entity_tag, error::ApiError, state::AppState};

/// An SVG that a visitor opens as a page of its own must not run scripts with the site's cookies.
const POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'";

/// For an address with the content's hash. One year is the maximum lifetime that RFC 2616 allowed.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

const REVALIDATE: &str = "no-cache";

pub(in crate::http) async fn site_file(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let site = &state.config.site;
    let wanted = request.path().strip_prefix(FOLDER);
    let mut files = site.logo.iter().chain(&site.style);
    let file = files.find(|file| Some(file.name) == wanted).ok_or(ApiError::NotFound)?;
    let tag = EntityTag::new_strong(file.hash.clone());
    // Without the hash, or with that of other content: while nodes are being restarted, one that has the old file may
    // answer for the address of the new one.
    let is_current = request.query_string().strip_prefix("v=") == Some(file.hash.as_str());
    let cache_control = if is_current { IMMUTABLE } else { REVALIDATE };
    let response = entity_tag::response(&request, tag, cache_control, file.content_type, file.content.clone());
    Ok(Document { policy: HeaderValue::from_static(POLICY), is_public: true }.mark(response))
}
