//! Paths that several modules name, and the ids in paths.

use actix_web::HttpRequest;

use super::error::ApiError;

/// Where Stripe sends events, which are signed.
pub(super) const STRIPE_WEBHOOK: &str = "/webhooks/stripe";

/// What a proxy asks before it serves a page of another application.
pub(super) const FORWARD_AUTH: &str = "/forward-auth";

/// The page on which users see and change their account.
pub(super) const ACCOUNT: &str = "/account";

/// The page on which users enrol and remove their second factor.
pub(super) const SECOND_FACTOR_SETTINGS: &str = "/second-factor";

/// The page on which users create and delete their API tokens.
pub(super) const TOKEN_SETTINGS: &str = "/tokens";

/// Where editors add files to `MEDIA_DIR`.
pub(super) const MEDIA: &str = "/media";

/// The start of the paths of these files.
pub(super) const MEDIA_FILES: &str = "/media/";

/// The console, and the start of the paths of its pages.
pub(super) const CONSOLE: &str = "/admin";

/// The console's list of posts, and the start of the paths of their forms.
pub(super) const CONSOLE_POSTS: &str = "/admin/posts";

/// Whether this is the path of a page of the console, or below it.
pub(super) fn is_console(path: &str) -> bool {
    path.strip_prefix(CONSOLE).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The page that stands in for Stripe's while the demo checkout is on.
pub(super) const DEMO_CHECKOUT: &str = "/demo-checkout";

/// Whether an OpenID Connect provider makes browsers post to this path. It changes nothing.
pub(super) fn is_provider_callback(path: &str) -> bool {
    path.strip_prefix("/login/oidc/").and_then(|rest| rest.strip_suffix("/callback")).is_some()
}

/// Whether the router, which percent-decodes paths, would match this as a different path. The ids of posts are exempt,
/// because their handlers check the raw path.
pub(super) fn is_respelled(path: &str) -> bool {
    let exact = match path.strip_prefix("/blog/") {
        Some(post) => post.split_once('/').map_or("", |(_, below)| below),
        None => path,
    };
    exact.contains('%')
}

/// The id in the path of a post.
pub(super) fn post_id(path: &str) -> Option<i64> {
    path.strip_prefix("/blog/").and_then(id)
}

/// The id in the path of a post's page, `/blog/<id>` or `/blog/<id>-<slug>`.
pub(super) fn post_page_id(path: &str) -> Option<i64> {
    path.strip_prefix("/blog/").and_then(post_segment_id)
}

/// The id in `<id>` or `<id>-<slug>`. The id alone decides, so that links survive a change of the title.
pub(super) fn post_segment_id(segment: &str) -> Option<i64> {
    match segment.split_once('-') {
        Some((number, slug)) if !slug.contains('/') => id(number),
        Some(_) => None,
        None => id(segment),
    }
}

/// The path of a post's page. The slug is ASCII, or empty.
pub(super) fn post_page(id: i64, slug: &str) -> String {
    if slug.is_empty() { format!("/blog/{id}") } else { format!("/blog/{id}-{slug}") }
}

/// The id at the end of a path. From the raw path, because the router's parameters are already percent-decoded.
pub(super) fn trailing_id(request: &HttpRequest) -> Result<i64, ApiError> {
    id(request.path().rsplit('/').next().unwrap_or_default()).ok_or(ApiError::NotFound)
}

/// The id after the collection, as in `/blog/<id>` or `/users/<id>/meter`; also from the raw path.
pub(super) fn second_segment_id(request: &HttpRequest) -> Option<i64> {
    id(request.path().split('/').nth(2).unwrap_or_default())
}

/// The id of the user, post or message in the path of a page of the console, as in `/admin/users/<id>/delete`.
pub(super) fn console_id(request: &HttpRequest) -> Result<i64, ApiError> {
    id(request.path().split('/').nth(3).unwrap_or_default()).ok_or(ApiError::NotFound)
}

/// Parses an id in a path. Only the canonical spelling is an id, so that each resource has one path.
pub(super) fn id(text: &str) -> Option<i64> {
    text.parse().ok().filter(|id: &i64| *id > 0 && id.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_the_router_would_decode_into_another_is_respelled() {
        for respelled in ["/mete%72", "/users/1/%6Deter", "/users/1%2Fmeter", "/sessions/%31", "/blog/1/gift%73"] {
            assert!(is_respelled(respelled), "{respelled}");
        }
        for exact in ["/meter", "/users/1/meter", "/blog/%31", "/blog/%31/gifts"] {
            assert!(!is_respelled(exact), "{exact}");
        }
    }
}
