//! `/blog`: listing and reading posts.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ETag, EntityTag},
    web::{Bytes, Data, ThinData},
};
use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    base::clock::Timestamp,
    http::{
        entity_tag,
        error::ApiError,
        extract::current_user::{Read, Visitor},
        gift_reading::read_gift,
        pages,
        paging::{self, PostList},
        reading::{ReadPost, find, is_link_preview, is_not_an_api_read, post_id, read_post},
        reads_headers,
        state::AppState,
    },
    paywall::{
        ReadQueue,
        posts::{CachedPost, Post, PostSummary, access::Access, input::slug},
    },
};

#[derive(Serialize)]
struct SummaryBody {
    id: i64,
    title: String,
    excerpt: String,
    slug: String,
    access: Access,
    author: Option<String>,
    image: Option<String>,
    published_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    /// Only present for editors, whose lists include drafts.
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<bool>,
}

/// A complete post.
#[derive(Serialize)]
pub(super) struct PostBody {
    id: i64,
    title: String,
    data: String,
    excerpt: String,
    slug: String,
    access: Access,
    published: bool,
    author: Option<String>,
    image: Option<String>,
    published_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
}

/// Lists the posts, newest first. Does not count as a read.
pub(in crate::http) async fn list(
    state: Data<AppState>,
    request: HttpRequest,
    Visitor(user): Visitor<Read>,
) -> Result<HttpResponse, ApiError> {
    let is_editor = user.is_some_and(|user| user.credential().is_editor());
    let PostList { posts, next, .. } = paging::find_list(&state, &request, is_editor).await?;
    let next = next.map(|next| paging::link(&next));
    let bodies: Vec<_> = posts.into_iter().map(|post| SummaryBody::new(post, is_editor)).collect();
    let json = serde_json::to_string(&bodies).map_err(ApiError::internal)?;

    let tag = entity_tag(&json, next.as_deref());
    let is_known = entity_tag::is_current(&request, &tag);
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(ETag(tag));
    if let Some(next) = next {
        response.insert_header((header::LINK, next));
    }
    Ok(if is_known { response.finish() } else { response.content_type(mime::APPLICATION_JSON).body(json) })
}

/// Covers the body and the `Link` header: when a further page appears, the body stays the same and `Link` changes.
fn entity_tag(json: &str, next: Option<&str>) -> EntityTag {
    let digest = Sha256::new().chain_update(json).chain_update(next.unwrap_or_default()).finalize();
    EntityTag::new_strong(HEXLOWER.encode(&digest.iter().take(16).copied().collect::<Vec<_>>()))
}

/// Returns a post; see [`read_post`].
pub(in crate::http) async fn read(
    state: Data<AppState>,
    ThinData(queue): ThinData<ReadQueue>,
    request: HttpRequest,
    Visitor(user): Visitor<Read>,
) -> Result<HttpResponse, ApiError> {
    // These programs accept anything, and need the page's metadata.
    if is_link_preview(&state, &request, user.as_ref()) && state.config.server.has_pages() {
        return Box::pin(pages::show_post(state, ThinData(queue), request, Visitor(user))).await;
    }
    let ReadPost { cached, meter } = match read_gift(&state, &queue, &request, user.as_ref()).await? {
        Some(given) => given,
        None if is_not_an_api_read(&state, &request) => return Err(ApiError::NotARead),
        None => {
            let found = find(&state, &request).await;
            read_post(&state, &queue, &request, user.as_ref(), found, queue.policy().count).await?
        }
    };
    let mut response = HttpResponse::Ok();
    if let Some(meter) = meter {
        reads_headers::insert(&mut response, &meter);
    }
    Ok(response.content_type(mime::APPLICATION_JSON).body(post_json(&cached)?))
}

/// Reports whether a post exists. Does not count as a read.
pub(in crate::http) async fn head(
    state: Data<AppState>,
    request: HttpRequest,
    Visitor(user): Visitor<Read>,
) -> Result<HttpResponse, ApiError> {
    let is_editor = user.is_some_and(|user| user.credential().is_editor());
    match state.posts.is_visible(post_id(&request)?, state.clock.now()).await? {
        Some(is_visible) if is_visible || is_editor => {
            Ok(HttpResponse::Ok().content_type(mime::APPLICATION_JSON).finish())
        }
        _ => Err(ApiError::BlogNotFound),
    }
}

fn post_json(cached: &CachedPost) -> Result<Bytes, ApiError> {
    let json = cached.response.json(|| PostBody::from(cached.post.clone()));
    json.map_err(ApiError::internal)
}

/// A post that was inserted into the table by hand may not have a slug yet.
fn slug_of(slug: String, title: &str) -> String {
    if slug.is_empty() { self::slug(title) } else { slug }
}

impl SummaryBody {
    fn new(post: PostSummary, is_editor: bool) -> Self {
        let published_at = post.published_at();
        let PostSummary { id, title, excerpt, published, slug, access, author, image, updated_at, .. } = post;
        let (slug, published) = (slug_of(slug, &title), is_editor.then_some(published));
        Self { id, title, excerpt, slug, access, author, image, published_at, updated_at, published }
    }
}

impl From<Post> for PostBody {
    fn from(post: Post) -> Self {
        let published_at = post.published_at();
        let Post { id, title, data, excerpt, created_at, updated_at, published, slug, access, author, image, .. } =
            post;
        let slug = slug_of(slug, &title);
        Self { id, title, data, excerpt, slug, access, published, author, image, published_at, created_at, updated_at }
    }
}
