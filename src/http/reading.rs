//! Reading a post: translates a request into a counted read.

use std::sync::Arc;

use actix_web::HttpRequest;

use super::{
    checkout, context,
    error::{ApiError, PaywallHit},
    extract::{
        client,
        current_user::{Caller, Read},
    },
    link_preview,
    middleware::origin,
    paths, reader_cookie,
    state::AppState,
};
use crate::{
    base::clock::Timestamp,
    config::ReadsCount,
    credentials::sessions::Transport,
    db::DbError,
    paywall,
    paywall::{
        MeterState, ReadOutcome, ReadQueue, Reader,
        posts::{CachedPost, Post},
    },
    users::identity::Identity,
};

/// A post that the reader may read.
pub(super) struct ReadPost {
    pub(super) cached: Arc<CachedPost>,
    /// The reader's meter after this read; `None` if the post is free and nobody is signed in.
    pub(super) meter: Option<MeterState>,
}

/// Whether the request must not count as a read; see [`origin::is_not_a_read`].
pub(super) fn is_not_a_read(state: &AppState, request: &HttpRequest) -> bool {
    origin::is_not_a_read(request.headers(), &state.config.server, has_token(request))
}

/// Like [`is_not_a_read`], for an API request. If a server sent it to render a page for its visitor, the headers are
/// those of the request for that page, which links on other sites may lead to.
pub(super) fn is_not_an_api_read(state: &AppState, request: &HttpRequest) -> bool {
    if client::is_for_visitor(request) {
        origin::is_not_a_page_view(request.headers(), &state.config.server, has_token(request))
    } else {
        is_not_a_read(state, request)
    }
}

/// Whether a program loads the page of a public excerpt to show a preview of the link. It reads nothing.
pub(super) fn is_link_preview(state: &AppState, request: &HttpRequest, user: Option<&Caller<Read>>) -> bool {
    user.is_none() && state.config.meter.has_public_excerpts && link_preview::is_preview(request.headers())
}

/// Whether a request without a session comes from a search engine, which must see the text that it indexes.
pub(super) fn is_crawler(state: &AppState, request: &HttpRequest) -> bool {
    !state.crawlers.is_empty() && state.crawlers.contains(&client::ip(request))
}

/// A token that is invalid was refused before.
fn has_token(request: &HttpRequest) -> bool {
    context::transport(request) == Transport::Bearer
}

/// Reads the post that was found and counts the read, unless the post is free. The gate decides what is readable without a
/// session. A page view is counted per post, so that a reload costs nothing, and an API request as the operator wants.
pub(super) async fn read_post(
    state: &AppState,
    queue: &ReadQueue,
    request: &HttpRequest,
    user: Option<&Caller<Read>>,
    found: Result<Arc<CachedPost>, ApiError>,
    count: ReadsCount,
) -> Result<ReadPost, ApiError> {
    let now = state.clock.now();
    if !found.as_ref().is_ok_and(|cached| cached.post.is_free(now)) {
        may_read(state, user)?;
    }
    let cached = found?;
    let reader = reader(state, request, user, now)?;
    let links = || user.map(|user| checkout::links(state, request, user)).unwrap_or_default();
    let hit = |meter| PaywallHit::at_post(&cached.post, meter, links());
    match paywall::read(queue, reader, &cached.post, count, now).await? {
        ReadOutcome::Granted(meter) => {
            if meter.is_some() {
                reader_cookie::set_after_read(request, state, &reader);
            }
            Ok(ReadPost { cached, meter })
        }
        ReadOutcome::UsedUp(meter) if user.is_none() => Err(ApiError::AnonymousReadsUsedUp(hit(Some(meter)))),
        ReadOutcome::UsedUp(meter) => Err(ApiError::PaymentRequired(hit(Some(meter)))),
        ReadOutcome::SubscribersOnly(_) if user.is_none() => Err(ApiError::LoginRequired),
        ReadOutcome::SubscribersOnly(meter) => Err(ApiError::SubscriptionRequired(hit(Some(meter)))),
    }
}

/// Whether somebody may read posts that are not free.
fn may_read(state: &AppState, user: Option<&Caller<Read>>) -> Result<(), ApiError> {
    match user {
        Some(user) if must_verify_email(state, user) => Err(ApiError::EmailNotVerified),
        // Excerpts are public, or the post was free when the gate checked.
        None if state.config.meter.anonymous_limit == 0 => Err(ApiError::LoginRequired),
        _ => Ok(()),
    }
}

/// Who reads: the user with the rights of the credential, or the browser.
pub(super) fn reader(
    state: &AppState,
    request: &HttpRequest,
    user: Option<&Caller<Read>>,
    now: Timestamp,
) -> Result<Reader, DbError> {
    match user {
        Some(user) => {
            Ok(Reader::user(user.user_id).with_rights(user.is_subscribed(now), user.credential().is_editor()))
        }
        None => reader_cookie::reader(request, state),
    }
}

/// Whether the reader may know that the post exists.
pub(super) fn check_visible(
    state: &AppState,
    user: Option<&Caller<Read>>,
    found: Result<Arc<CachedPost>, ApiError>,
) -> Result<Arc<CachedPost>, ApiError> {
    let now = state.clock.now();
    let is_free = found.as_ref().is_ok_and(|cached| cached.post.is_free(now));
    if user.is_none() && !is_free && !state.config.meter.has_public_excerpts {
        return Err(ApiError::LoginRequired);
    }
    let is_editor = user.is_some_and(|user| user.credential().is_editor());
    let is_visible = |post: &Post| post.is_visible(now) || is_editor;
    found.and_then(|cached| if is_visible(&cached.post) { Ok(cached) } else { Err(ApiError::BlogNotFound) })
}

/// Whether the user can read only free posts until the email address is confirmed.
pub(super) fn must_verify_email(state: &AppState, user: &Identity) -> bool {
    state.config.mail.require_verified && !user.email_verified
}

/// Finds the post of an API request, whether or not readers can see it.
pub(super) async fn find(state: &AppState, request: &HttpRequest) -> Result<Arc<CachedPost>, ApiError> {
    state.posts.find(post_id(request)?).await?.ok_or(ApiError::BlogNotFound)
}

/// The post's id in the path of an API request, `/blog/<id>` or one below it.
pub(super) fn post_id(request: &HttpRequest) -> Result<i64, ApiError> {
    paths::second_segment_id(request).ok_or(ApiError::BlogNotFound)
}
