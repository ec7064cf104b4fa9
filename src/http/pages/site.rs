//! The site's own name and look, which every page has.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ETag, EntityTag, HeaderValue},
    web::Data,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::policy::{self, STYLE};
use crate::{
    config::{Accent, SiteConfig, SiteFile, SiteLink},
    http::{document::Document, entity_tag, error::ApiError, state::AppState},
};

/// The folder of the publisher's own files.
const FOLDER: &str = "/_site/";

/// An SVG that a visitor opens as a page of its own must not run scripts with the site's cookies.
const FILE_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'";

/// For an address with the content's hash. One year is the maximum lifetime that RFC 2616 allowed.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

const REVALIDATE: &str = "no-cache";

/// What the layout shows. Built once, because it is the same for each page.
#[derive(Debug)]
pub struct Site {
    pub(super) name: String,
    pub(super) tagline: Option<String>,
    /// Where the name leads.
    pub(super) address: String,
    /// The address of the logo.
    pub(super) logo: Option<String>,
    /// Whether tollgate's own sign stands beside the name.
    pub(super) has_own_sign: bool,
    /// The icon of the browser's tab, if it is neither the logo nor tollgate's own sign.
    pub(super) icon: Option<String>,
    /// Inline, so that pages need no second request. The policy allows it by its digest.
    pub(super) style: String,
    /// The address of the publisher's style sheet.
    pub(super) stylesheet: Option<String>,
    pub(super) links: Vec<SiteLink>,
    pub(super) credit: bool,
    sources: policy::Sources,
    /// The policies of pages with forms, and of posts.
    pub(super) forms: HeaderValue,
    pub(super) posts: HeaderValue,
}

impl Site {
    #[must_use]
    pub fn new(config: &SiteConfig) -> Self {
        let style = format!("{STYLE}{}", config.accent.as_ref().map(accent_style).unwrap_or_default());
        let sources = policy::Sources::new(&style, config.style.is_some(), config.logo.is_some());
        let is_plain = config.logo.is_none() && !config.is_named;
        Self {
            name: config.name.clone(),
            tagline: config.tagline.clone(),
            address: config.address.clone(),
            logo: config.logo.as_ref().map(address),
            has_own_sign: is_plain,
            icon: (config.logo.is_none() && config.is_named).then(|| initial(config)),
            stylesheet: config.style.as_ref().map(address),
            links: config.links.clone(),
            credit: config.credit,
            forms: sources.forms("'self'"),
            posts: sources.posts(),
            style,
            sources,
        }
    }

    /// The policy of a page whose forms may lead to these origins, redirects included.
    pub(super) fn with_forms_to(&self, origins: &str) -> HeaderValue {
        self.sources.forms(origins)
    }
}

/// Overrides the colours at the start of the style.
fn accent_style(Accent { light, dark }: &Accent) -> String {
    let [light, dark] = [light, dark].map(|shades| {
        let (accent, strong, on_accent) = (shades.accent, shades.strong, shades.on_accent);
        format!(":root {{ --accent: {accent}; --strong: {strong}; --on-accent: {on_accent}; --stripe: {accent}; }}")
    });
    format!("{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}\n")
}

/// The first letter of the name, white on the accent.
fn initial(config: &SiteConfig) -> String {
    let letter: String = config.name.chars().take(1).flat_map(char::to_uppercase).collect();
    let letter = utf8_percent_encode(&letter, NON_ALPHANUMERIC);
    let colour = config.accent.map_or_else(|| "#231c15".to_owned(), |accent| accent.light.accent.to_string());
    let colour = colour.trim_start_matches('#');
    format!(
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' \
         rx='6' fill='%23{colour}'/%3E%3Ctext x='16' y='23' text-anchor='middle' font-family='Georgia,serif' font-size='20' \
         fill='%23fff'%3E{letter}%3C/text%3E%3C/svg%3E"
    )
}

fn address(file: &SiteFile) -> String {
    format!("{FOLDER}{}?v={}", file.name, file.hash)
}

/// Serves the publisher's logo or style sheet.
pub(in crate::http) async fn site_file(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let site = &state.config.site;
    let wanted = request.path().strip_prefix(FOLDER);
    let mut files = site.logo.iter().chain(&site.style);
    let file = files.find(|file| Some(file.name) == wanted).ok_or(ApiError::NotFound)?;
    let tag = EntityTag::new_strong(file.hash.clone());
    // Without the hash, or with that of other content: while nodes are being restarted, one that has the old file may
    // answer for the address of the new one.
    let is_current = request.query_string().strip_prefix("v=") == Some(file.hash.as_str());
    let is_known = entity_tag::is_current(&request, &tag);
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::CACHE_CONTROL, if is_current { IMMUTABLE } else { REVALIDATE }));
    response.insert_header(ETag(tag));
    let response = match is_known {
        true => response.finish(),
        false => response.content_type(file.content_type).body(file.content.to_vec()),
    };
    Ok(Document { policy: HeaderValue::from_static(FILE_POLICY), is_public: true }.mark(response))
}
