//! Reading a post: translates a request into a counted read.

use std::sync::Arc;

use actix_web::HttpRequest;

use super::{
    checkout,
    credential::Credential,
    error::{ApiError, Refused},
    extract::{
        client,
        current_user::{Caller, Read},
    },
    middleware::origin,
    paths, reader_cookie,
    state::AppState,
};
use crate::{
    clock::Timestamp,
    config::ReadsCount,
    metering::{self, AnonymousOutcome, MeterState, ReadOutcome, ReadQueue, Reader},
    models::identity::Identity,
    posts::CachedPost,
};

/// A post that the reader may read.
pub(super) struct ReadPost {
    pub(super) known: Arc<CachedPost>,
    /// The reader's meter after this read; `None` if the post is free and nobody is signed in.
    pub(super) meter: Option<MeterState>,
}

/// Whether the request must not count as a read; see [`origin::is_not_a_read`].
pub(super) fn is_not_a_read(state: &AppState, request: &HttpRequest, user: Option<&Caller<Read>>) -> bool {
    origin::is_not_a_read(request.headers(), &state.config.server, has_token(user))
}

/// Like [`is_not_a_read`], for an API request. If a server sent it to render a page for its visitor, the headers are
/// those of the request for that page, which links on other sites may lead to.
pub(super) fn is_not_an_api_read(state: &AppState, request: &HttpRequest, user: Option<&Caller<Read>>) -> bool {
    if client::is_for_visitor(request) {
        origin::is_not_a_page_view(request.headers(), &state.config.server, has_token(user))
    } else {
        is_not_a_read(state, request, user)
    }
}

fn has_token(user: Option<&Caller<Read>>) -> bool {
    user.is_some_and(|user| matches!(user.credential(), Credential::Token(_)))
}

/// Reads the requested post and counts the read, unless the post is free. The gate decides what is readable without a
/// session. A page view is counted per post, so that a reload costs nothing, and an API request as the operator wants.
pub(super) async fn read_post(
    state: &AppState,
    queue: &ReadQueue,
    request: &HttpRequest,
    user: Option<&Caller<Read>>,
    count: ReadsCount,
) -> Result<ReadPost, ApiError> {
    match user {
        Some(user) => read_as_user(state, queue, request, user, count).await,
        None => read_without_session(state, queue, request, count).await,
    }
}

async fn read_as_user(
    state: &AppState,
    queue: &ReadQueue,
    request: &HttpRequest,
    user: &Caller<Read>,
    count: ReadsCount,
) -> Result<ReadPost, ApiError> {
    let found = find(state, request).await;
    let is_free = found.as_ref().is_ok_and(|known| known.post.is_free());
    if must_verify_email(state, user) && !is_free {
        return Err(ApiError::EmailNotVerified);
    }
    let (known, now) = (found?, state.clock.now());
    let refused = |meter| Refused::new(&known.post, meter, checkout::link(state, request, user));
    match metering::read(queue, reader(user, now), &known.post, count, now).await? {
        ReadOutcome::Read(meter) => Ok(ReadPost { known, meter: Some(meter) }),
        ReadOutcome::UsedUp(meter) => Err(ApiError::PaymentRequired(refused(meter))),
        ReadOutcome::SubscribersOnly(meter) => Err(ApiError::SubscriptionRequired(refused(meter))),
    }
}

/// The user as a reader, with the rights of the credential.
pub(super) fn reader(user: &Caller<Read>, now: Timestamp) -> Reader {
    let is_editor = user.credential().is_admin();
    Reader { user_id: user.user_id, is_subscribed: user.is_subscribed(now), is_editor }
}

async fn read_without_session(
    state: &AppState,
    queue: &ReadQueue,
    request: &HttpRequest,
    count: ReadsCount,
) -> Result<ReadPost, ApiError> {
    let (known, reader) = (find_visible(state, request, None).await?, reader_cookie::reader(request, state)?);
    let meter = match metering::read_anonymously(queue, reader, &known.post, count, state.clock.now()).await? {
        AnonymousOutcome::Free => None,
        AnonymousOutcome::Read(meter) => {
            reader_cookie::set_after_read(request, state, &reader);
            Some(meter)
        }
        AnonymousOutcome::SubscribersOnly => return Err(ApiError::LoginRequired),
        AnonymousOutcome::UsedUp(meter) => {
            return Err(ApiError::AnonymousReadsUsedUp(Refused::new(&known.post, meter, None)));
        }
    };
    Ok(ReadPost { known, meter })
}

/// Finds the requested post, if the reader may know that it exists.
pub(super) async fn find_visible(
    state: &AppState,
    request: &HttpRequest,
    user: Option<&Caller<Read>>,
) -> Result<Arc<CachedPost>, ApiError> {
    let found = find(state, request).await;
    let is_free = found.as_ref().is_ok_and(|known| known.post.is_free());
    if user.is_none() && state.config.meter.anonymous_limit == 0 && !is_free {
        // The post was free when the gate checked.
        return Err(ApiError::LoginRequired);
    }
    let is_editor = user.is_some_and(|user| user.credential().is_admin());
    found.and_then(|known| if known.post.published || is_editor { Ok(known) } else { Err(ApiError::BlogNotFound) })
}

/// Whether the user can read only free posts until the e-mail address is confirmed.
pub(super) fn must_verify_email(state: &AppState, user: &Identity) -> bool {
    state.config.mail.require_verified && !user.email_verified
}

/// Finds the requested post, published or not.
pub(super) async fn find(state: &AppState, request: &HttpRequest) -> Result<Arc<CachedPost>, ApiError> {
    state.posts.find(post_id(request)?).await?.ok_or(ApiError::BlogNotFound)
}

/// The post's id in the path, `/blog/<id>` or one below it.
pub(super) fn post_id(request: &HttpRequest) -> Result<i64, ApiError> {
    paths::second_segment_id(request).ok_or(ApiError::BlogNotFound)
}
