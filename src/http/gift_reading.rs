//! Reading a post with a gift link: `GET /blog/<id>?gift=<token>`.

use actix_web::HttpRequest;

use super::{
    error::ApiError,
    extract::current_user::{Caller, Read},
    gift_link::GiftLink,
    link_preview,
    middleware::origin,
    reader_cookie,
    reading::ReadPost,
    state::AppState,
};
use crate::{
    clock::Timestamp,
    db::DbError,
    metering::{
        self, ReadQueue,
        gifts::{self, Opener},
    },
    models::{access::Access, meter_id::MeterId, posts::Post},
};

/// Reads the post of a request with a gift link. `None` if it has none, if the gift does not let this reader read, or
/// if this reader needs no gift.
pub(super) async fn read_gift(
    state: &AppState,
    queue: &ReadQueue,
    request: &HttpRequest,
    user: Option<&Caller<Read>>,
) -> Result<Option<ReadPost>, ApiError> {
    match GiftLink::of(request) {
        // Boxed, so that the futures of other reads do not reserve space for it.
        Some(link) => Box::pin(open(link, state, queue, request, user)).await,
        None => Ok(None),
    }
}

async fn open(
    GiftLink { post_id, token }: GiftLink,
    state: &AppState,
    queue: &ReadQueue,
    request: &HttpRequest,
    user: Option<&Caller<Read>>,
) -> Result<Option<ReadPost>, ApiError> {
    let (found, now) = (state.posts.find(post_id).await?, state.clock.now());
    let Some(cached) = found.filter(|cached| needs_gift(&cached.post, user, now)) else { return Ok(None) };
    // The origin does not matter: a link in a message or on another site is what gifts are for.
    if origin::is_prefetch(request.headers()) || link_preview::is_preview(request.headers()) {
        return Err(ApiError::NotARead);
    }
    let (opener, new_opener) = opener(state, request, user)?;
    if !gifts::open(&state.db, &token, post_id, opener, now).await? {
        return Ok(None);
    }
    if let Some(opener) = new_opener {
        reader_cookie::set_opener(request, state, opener);
    }
    let meter = metering::read_gift(queue, user.map(|user| user.user_id), &cached.post, now).await?;
    Ok(Some(ReadPost { cached, meter }))
}

/// Whether the post is readable, but not free of charge for this reader.
fn needs_gift(post: &Post, user: Option<&Caller<Read>>, now: Timestamp) -> bool {
    let reads_for_free = |user: &Caller<Read>| {
        user.is_subscribed(now) || (post.access == Access::Subscribers && user.credential().is_admin())
    };
    post.published && !post.is_free() && !user.is_some_and(reads_for_free)
}

/// Who opens the gift, and the id for a new cookie, if there is none yet. Users are also recognized by the
/// cookie with which their browser opened the gift before they signed in.
fn opener(
    state: &AppState,
    request: &HttpRequest,
    user: Option<&Caller<Read>>,
) -> Result<(Opener, Option<MeterId>), DbError> {
    if let Some(user) = user {
        return Ok((Opener::user(user.user_id, reader_cookie::opener(request, state)), None));
    }
    match reader_cookie::opener(request, state) {
        Some(id) => Ok((Opener::reader(id), None)),
        None => metering::random_reader().map(|id| (Opener::reader(id), Some(id))),
    }
}
