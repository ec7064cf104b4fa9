//! The link of a gift: `/blog/<id>?gift=<token>`.

use actix_web::HttpRequest;

use super::{error::ApiError, paths, reader_cookie, state::AppState};
use crate::metering::gifts;

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
        let post_id = paths::post_id(request.path())?;
        let (_, token) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "gift")?;
        Some(Self { post_id, token: token.into_owned() })
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
    Ok(is_open && state.posts.is_published(post_id).await? == Some(true))
}
