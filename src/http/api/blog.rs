//! `/blog`: listing and reading posts.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ETag, EntityTag},
    web::{Bytes, Data, ThinData},
};
use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    clock::Timestamp,
    http::{
        checkout,
        credential::Credential,
        entity_tag,
        error::{ApiError, Refused},
        extract::{
            current_user::{Caller, Read, Visitor},
            fields::Fields,
        },
        middleware::origin,
        navigation, paths, reader_cookie, reads_headers,
        state::AppState,
    },
    metering::{self, AnonymousOutcome, ReadOutcome, ReadQueue, Reader},
    models::{
        access::Access,
        posts::{self, Post, PostSummary},
    },
    posts::{KnownPost, input::slug},
};

const DEFAULT_LIMIT: i64 = 20;
const MAX_LIMIT: i64 = 100;

#[derive(Serialize)]
struct SummaryBody {
    id: i64,
    title: String,
    excerpt: String,
    slug: String,
    access: Access,
    /// Only present for admins, whose lists include drafts.
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
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
}

/// Lists the posts, newest first. Does not count as a read.
pub(super) async fn list(
    state: Data<AppState>,
    request: HttpRequest,
    Visitor(user): Visitor<Read>,
) -> Result<HttpResponse, ApiError> {
    let mut query = Fields::query(request.query_string());
    let limit = query.number("limit", MAX_LIMIT, DEFAULT_LIMIT);
    let before = query.number("before", i64::MAX, i64::MAX);
    query.finish()?;

    // One more row than the page shows whether there is another page.
    let is_editor = user.is_some_and(|user| user.credential().is_admin());
    let list = move |connection: &mut _| posts::list(connection, before, limit + 1, is_editor);
    let mut page = state.db.read(list).await?;
    let page_size = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = page.len() > page_size;
    page.truncate(page_size);

    let last = page.last().filter(|_| has_more);
    let next = last.map(|last| format!("</blog?limit={limit}&before={}>; rel=\"next\"", last.id));
    let bodies: Vec<_> = page.into_iter().map(|post| SummaryBody::new(post, is_editor)).collect();
    let json = serde_json::to_string(&bodies).map_err(|error| ApiError::Internal(error.to_string()))?;

    let tag = entity_tag(&json, next.as_deref());
    let is_known = entity_tag::is_known(&request, &tag);
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

/// Returns a post and counts one read, unless the post is free. The gate decides what is readable without a session.
pub(super) async fn read(
    state: Data<AppState>,
    ThinData(queue): ThinData<ReadQueue>,
    request: HttpRequest,
    Visitor(user): Visitor<Read>,
) -> Result<HttpResponse, ApiError> {
    let has_token = user.as_ref().is_some_and(|user| matches!(user.credential(), Credential::Token(_)));
    if origin::is_not_a_read(request.headers(), &state.config.server, has_token) {
        return Err(ApiError::NotARead);
    }
    match user {
        Some(user) => read_as_user(&state, &queue, &request, &user).await,
        None => match read_without_session(&state, &queue, &request).await {
            Err(error @ (ApiError::LoginRequired | ApiError::AnonymousReadsUsedUp(_))) => refuse(&request, error),
            response => response,
        },
    }
}

async fn read_as_user(
    state: &AppState,
    queue: &ReadQueue,
    request: &HttpRequest,
    user: &Caller<Read>,
) -> Result<HttpResponse, ApiError> {
    let found = find(state, request).await;
    let is_free = found.as_ref().is_ok_and(|known| known.post.is_free());
    if state.config.mail.require_verified && !user.email_verified && !is_free {
        return Err(ApiError::EmailNotVerified);
    }
    let (known, now) = (found?, state.clock.now());
    let is_editor = user.credential().is_admin();
    let reader = Reader { user_id: user.user_id, is_subscribed: user.is_subscribed(now), is_editor };
    let refused = |meter| {
        let checkout_url = checkout::link(state, request, user);
        Refused { meter, title: known.post.title.clone(), excerpt: known.post.excerpt.clone(), checkout_url }
    };
    match metering::read(queue, reader, &known.post, now).await? {
        ReadOutcome::Read(meter) => {
            let mut response = HttpResponse::Ok();
            reads_headers::insert(&mut response, &meter);
            Ok(response.content_type(mime::APPLICATION_JSON).body(post_json(&known)?))
        }
        ReadOutcome::UsedUp(meter) => Err(ApiError::PaymentRequired(refused(meter))),
        ReadOutcome::SubscribersOnly(meter) => Err(ApiError::SubscriptionRequired(refused(meter))),
    }
}

async fn read_without_session(
    state: &AppState,
    queue: &ReadQueue,
    request: &HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let found = find(state, request).await;
    if state.config.meter.anonymous_limit == 0 && !found.as_ref().is_ok_and(|known| known.post.is_free()) {
        // It was free when the gate looked.
        return Err(ApiError::LoginRequired);
    }
    let (known, reader) = (found?, reader_cookie::reader(request, state)?);
    let mut response = HttpResponse::Ok();
    match metering::read_anonymously(queue, reader, &known.post, state.clock.now()).await? {
        AnonymousOutcome::Free => {}
        AnonymousOutcome::Read(meter) => {
            if reader.is_new() {
                reader_cookie::set(request, state, reader.id());
            }
            reads_headers::insert(&mut response, &meter);
        }
        AnonymousOutcome::SubscribersOnly => return Err(ApiError::LoginRequired),
        AnonymousOutcome::UsedUp(meter) => {
            let (title, excerpt) = (known.post.title.clone(), known.post.excerpt.clone());
            return Err(ApiError::AnonymousReadsUsedUp(Refused { meter, title, excerpt, checkout_url: None }));
        }
    }
    Ok(response.content_type(mime::APPLICATION_JSON).body(post_json(&known)?))
}

/// Redirects a browser that follows a link to the login page, as the gate does.
fn refuse(request: &HttpRequest, error: ApiError) -> Result<HttpResponse, ApiError> {
    match navigation::login_address(request) {
        Some(address) => Ok(HttpResponse::Found().insert_header((header::LOCATION, address)).finish()),
        None => Err(error),
    }
}

/// Reports whether a post exists. Does not count as a read.
pub(super) async fn head(
    state: Data<AppState>,
    request: HttpRequest,
    Visitor(user): Visitor<Read>,
) -> Result<HttpResponse, ApiError> {
    let is_editor = user.is_some_and(|user| user.credential().is_admin());
    match state.posts.is_published(post_id(&request)?).await? {
        Some(is_published) if is_published || is_editor => {
            Ok(HttpResponse::Ok().content_type(mime::APPLICATION_JSON).finish())
        }
        _ => Err(ApiError::BlogNotFound),
    }
}

/// Finds the requested post, published or not.
async fn find(state: &AppState, request: &HttpRequest) -> Result<Arc<KnownPost>, ApiError> {
    state.posts.find(post_id(request)?).await?.ok_or(ApiError::BlogNotFound)
}

fn post_json(known: &KnownPost) -> Result<Bytes, ApiError> {
    let json = known.response.json(|| PostBody::from(known.post.clone()));
    json.map_err(|error| ApiError::Internal(error.to_string()))
}

/// The post's id, which must be in canonical form. Read from the raw path, because the router's parameters are already
/// percent-decoded.
pub(super) fn post_id(request: &HttpRequest) -> Result<i64, ApiError> {
    let text = request.path().rsplit('/').next().unwrap_or_default();
    paths::id(text).ok_or(ApiError::BlogNotFound)
}

/// A post that was inserted into the table by hand may not have a slug yet.
fn slug_of(slug: String, title: &str) -> String {
    if slug.is_empty() { self::slug(title) } else { slug }
}

impl SummaryBody {
    fn new(PostSummary { id, title, excerpt, published, slug, access }: PostSummary, is_editor: bool) -> Self {
        let slug = slug_of(slug, &title);
        Self { id, title, excerpt, slug, access, published: is_editor.then_some(published) }
    }
}

impl From<Post> for PostBody {
    fn from(Post { id, title, data, excerpt, created_at, updated_at, published, slug, access }: Post) -> Self {
        let slug = slug_of(slug, &title);
        Self { id, title, data, excerpt, slug, access, published, created_at, updated_at }
    }
}
