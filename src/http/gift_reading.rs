//! Reading with the link of a gift: `/blog/<id>?gift=<token>`.

use actix_web::HttpRequest;

use super::{
    error::ApiError,
    extract::current_user::{Caller, Read},
    link_preview,
    middleware::origin,
    paths, reader_cookie,
    reading::ReadPost,
    state::AppState,
};
use crate::{
    base::clock::Timestamp,
    db::DbError,
    paywall,
    paywall::{
        ReadQueue,
        gifts::{self, Opener},
        meter_id::MeterId,
        posts::{Post, access::Access},
    },
};

/// The gift link of a request. The token is a secret: whoever has it can read the post.
pub(super) struct GiftLink {
    pub post_id: i64,
    pub token: String,
}

impl GiftLink {
    pub(super) fn of(request: &HttpRequest) -> Option<Self> {
        let query = request.query_string();
        if query.is_empty() {
            return None;
        }
        let post_id = paths::post_page_id(request.path())?;
        let (_, token) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "gift")?;
        Some(Self { post_id, token: token.into_owned() })
    }
}

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
    let meter = paywall::read_gift(queue, user.map(|user| user.user_id), &cached.post, now).await?;
    Ok(Some(ReadPost { cached, meter }))
}

/// The username of the giver of the gift that was opened.
pub(super) async fn giver(state: &AppState, request: &HttpRequest) -> Result<Option<String>, ApiError> {
    let Some(GiftLink { post_id, token }) = GiftLink::of(request) else { return Ok(None) };
    Ok(gifts::giver(&state.db, &token, post_id).await?)
}

/// Whether the post is readable, but not free of charge for this reader.
fn needs_gift(post: &Post, user: Option<&Caller<Read>>, now: Timestamp) -> bool {
    let reads_for_free = |user: &Caller<Read>| {
        user.is_subscribed(now) || (post.access == Access::Subscribers && user.credential().is_editor())
    };
    post.is_visible(now) && !post.is_free(now) && !user.is_some_and(reads_for_free)
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
        None => paywall::random_reader().map(|id| (Opener::reader(id), Some(id))),
    }
}

/// Whether a request without a session has a link that opens a post for this reader.
///
/// Used by the gate, because a link that opens nothing must not reveal whether the post exists. The handler decides
/// again when it counts the opening.
pub(super) async fn may_open(request: &HttpRequest, state: &AppState) -> Result<bool, ApiError> {
    let Some(GiftLink { post_id, token }) = GiftLink::of(request) else { return Ok(false) };
    let (reader, now) = (reader_cookie::opener(request, state), state.clock.now());
    let is_open = gifts::may_open(&state.db, &token, post_id, reader, now).await?;
    Ok(is_open && state.posts.is_visible(post_id, now).await? == Some(true))
}
