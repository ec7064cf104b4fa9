//! What feed readers and search engines load: `/feed.xml`, `/sitemap.xml` and `/robots.txt`.

use std::fmt::Write;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{EntityTag, HeaderValue},
    web::{Bytes, Data},
};
use askama::Template;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::Site;
use crate::{
    base::clock::Timestamp,
    http::{document::Document, entity_tag, error::ApiError, paths, state::AppState},
    paywall::posts::{self, Audience, PostAddress, PostSummary},
};

const FEED_SIZE: i64 = 20;

#[derive(Template)]
#[template(path = "feed.xml")]
struct Feed<'f> {
    site: &'f Site,
    origin: &'f str,
    /// When the feed last changed.
    updated_at: Timestamp,
    posts: Vec<PostSummary>,
}

impl Feed<'_> {
    fn address(&self, post: &PostSummary) -> String {
        format!("{}{}", self.origin, paths::post_page(post.id, &post.slug))
    }

    /// XML 1.0 has no way to write other control characters (<https://www.w3.org/TR/xml/#charsets>).
    fn text(text: &str) -> String {
        text.chars().filter(|char| !char.is_control() || ['\n', '\t'].contains(char)).collect()
    }
}

/// The newest posts as an Atom feed (RFC 4287), with their excerpts.
pub(in crate::http) async fn feed(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let audience = Audience::Readers(state.clock.now());
    let list = move |connection: &mut _| posts::list(connection, audience, None, FEED_SIZE);
    let posts = state.db.read(list).await?;
    let updated_at = posts.iter().map(PostSummary::changed_at).max().unwrap_or(Timestamp::from_millis(0));
    let origin = state.config.server.origin();
    let feed = Feed { site: &state.site, origin: &origin, updated_at, posts };
    let text = feed.render().map_err(ApiError::internal)?;
    Ok(public(&request, "application/atom+xml; charset=utf-8", digest(&text), text.into()))
}

/// The pages of all posts, without those that are still to appear.
pub(in crate::http) async fn sitemap(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let origin = state.config.server.origin();
    // A megabyte of text is too much for this thread, and so is its digest.
    let render = move |posts: &[PostAddress]| {
        let text = render_sitemap(&origin, posts);
        (digest(&text), text)
    };
    let sitemap = state.posts.sitemap(state.clock.now(), render).await?;
    Ok(public(&request, "application/xml; charset=utf-8", sitemap.digest.clone(), sitemap.text.clone()))
}

/// Slugs are ASCII, so that nothing needs escaping.
fn render_sitemap(origin: &str, posts: &[PostAddress]) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
                    <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
        .to_owned();
    let _ = writeln!(text, "<url><loc>{origin}/</loc></url>");
    for post in posts {
        let (path, changed) = (paths::post_page(post.id, &post.slug), post.changed_at());
        let _ = writeln!(text, "<url><loc>{origin}{path}</loc><lastmod>{changed}</lastmod></url>");
    }
    text.push_str("</urlset>\n");
    text
}

/// What crawlers may load (RFC 9309): everything, except pages for a single visitor. Nothing if excerpts are for
/// members, because crawlers have no account.
pub(in crate::http) async fn robots(state: Data<AppState>, request: HttpRequest) -> HttpResponse {
    let text = if state.config.meter.has_public_excerpts {
        let origin = state.config.server.origin();
        format!(
            "User-agent: *\nDisallow: /account\nDisallow: /login\nDisallow: /register\nDisallow: /*?gift=\n\n\
             Sitemap: {origin}/sitemap.xml\n"
        )
    } else {
        "User-agent: *\nDisallow: /\n".to_owned()
    };
    public(&request, "text/plain; charset=utf-8", digest(&text), text.into())
}

/// The same for everyone. Caches ask each time whether it has changed, so that a post that is withdrawn is gone at once.
fn public(request: &HttpRequest, content_type: &'static str, digest: String, content: Bytes) -> HttpResponse {
    let tag = EntityTag::new_strong(digest);
    let response = entity_tag::response(request, tag, "no-cache", content_type, content);
    Document { policy: HeaderValue::from_static("default-src 'none'"), is_public: true }.mark(response)
}

/// 128 bits, as in the tags of lists.
fn digest(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text)).chars().take(32).collect()
}
