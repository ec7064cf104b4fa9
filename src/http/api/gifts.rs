//! `/gifts` and `/blog/<id>/gifts`: links with which subscribers give posts away.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;

use crate::{
    credentials::api_tokens::Scope,
    db::Tx,
    http::{
        checkout,
        error::{ApiError, PaywallHit},
        extract::{
            body::OptionalJson,
            current_user::{Account, Caller},
        },
        paths, reading,
        state::AppState,
    },
    paywall,
    paywall::{
        Reader,
        gifts::{self, GiftQuota, GiftRequest, MAX_OPENS, table::Gift},
        posts::CachedPost,
    },
    users::{self, identity::Identity},
};

#[derive(Serialize)]
pub(in crate::http) struct GiftBody {
    #[serde(flatten)]
    pub(in crate::http) gift: Gift,
    /// `null` if the key that the link was made with is no longer configured.
    pub(in crate::http) url: Option<String>,
}

impl GiftBody {
    fn new(state: &AppState, gift: Gift, token: Option<&str>) -> Self {
        let url = token.map(|token| format!("{}/blog/{}?gift={token}", state.config.mail.app_url, gift.post_id));
        Self { gift, url }
    }
}

/// Creates a gift. For subscribers, within a quota, and for admins.
pub(in crate::http) async fn create(
    state: Data<AppState>,
    request: HttpRequest,
    user: Caller<Account>,
    OptionalJson(mut fields): OptionalJson,
) -> Result<HttpResponse, ApiError> {
    let now = state.clock.now();
    let opens = fields.count("opens", MAX_OPENS, 1);
    let expires_at = fields.optional_future("expires_at", now);
    fields.finish()?;
    let cached = published_post(&state, &request).await?;
    let gift = GiftRequest { post_id: cached.post.id, opens, expires_at };
    let (keys, period, user_id) = (state.gift_keys.clone(), state.config.meter.period, user.user_id);
    let (credential, allows_admin) = (user.credential().id(), user.credential().allows(Scope::Admin));
    let create = move |tx: &mut Tx<'_>| {
        users::lock_by_id(tx, user_id)?;
        // The session or token, or the subscription, may have ended since the request was authenticated.
        let user: Identity = credential.live_user(tx, now)?.into();
        let Some(quota) = GiftQuota::of(&user, allows_admin, period, now) else { return Ok::<_, ApiError>(None) };
        Ok(Some(gifts::create(tx, &keys, user_id, quota, gift, now)?))
    };
    match state.db.write(create).await? {
        Some((gift, token)) => Ok(HttpResponse::Created().json(GiftBody::new(&state, gift, Some(&token)))),
        None => Err(ApiError::SubscriptionRequired(paywall_hit(&state, &request, &user, &cached).await?)),
    }
}

/// The post as a paywall shows it.
async fn paywall_hit(
    state: &AppState,
    request: &HttpRequest,
    user: &Caller<Account>,
    cached: &CachedPost,
) -> Result<PaywallHit, ApiError> {
    let (policy, now) = (state.config.meter, state.clock.now());
    let reader = Reader::user(user.user_id);
    let meter = state.db.read(move |connection| paywall::state(connection, &policy, reader, now)).await?;
    Ok(PaywallHit::at_post(&cached.post, Some(meter), checkout::links(state, request, user)))
}

/// Lists the user's gifts that are neither revoked nor expired, newest first.
pub(in crate::http) async fn list(state: Data<AppState>, user: Caller<Account>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(gifts_of(&state, user.user_id).await?))
}

pub(in crate::http) async fn gifts_of(state: &AppState, user_id: i64) -> Result<Vec<GiftBody>, ApiError> {
    let (keys, now) = (state.gift_keys.clone(), state.clock.now());
    let found = state.db.read(move |connection| gifts::list(connection, &keys, user_id, now)).await?;
    Ok(found.into_iter().map(|(gift, token)| GiftBody::new(state, gift, token.as_deref())).collect())
}

/// Returns a gift of the user that is neither revoked nor expired.
pub(in crate::http) async fn find(
    state: Data<AppState>,
    request: HttpRequest,
    user: Caller<Account>,
) -> Result<HttpResponse, ApiError> {
    let (keys, user_id, now, id) =
        (state.gift_keys.clone(), user.user_id, state.clock.now(), paths::trailing_id(&request)?);
    let found = state.db.read(move |connection| gifts::find(connection, &keys, user_id, id, now)).await?;
    let (gift, token) = found.ok_or(ApiError::NotFound)?;
    Ok(HttpResponse::Ok().json(GiftBody::new(&state, gift, token.as_deref())))
}

/// Revokes a gift of the user.
pub(in crate::http) async fn revoke(
    state: Data<AppState>,
    request: HttpRequest,
    user: Caller<Account>,
) -> Result<HttpResponse, ApiError> {
    revoke_gift(&state, &user, paths::trailing_id(&request)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(in crate::http) async fn revoke_gift(state: &AppState, user: &Caller<Account>, id: i64) -> Result<(), ApiError> {
    if revoke_of(state, user, Some(id)).await? == 0 { Err(ApiError::NotFound) } else { Ok(()) }
}

/// Revokes all gifts of the user.
pub(in crate::http) async fn revoke_all(
    state: Data<AppState>,
    user: Caller<Account>,
) -> Result<HttpResponse, ApiError> {
    revoke_of(&state, &user, None).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn revoke_of(state: &AppState, user: &Caller<Account>, id: Option<i64>) -> Result<usize, ApiError> {
    let (credential, user_id, now) = (user.credential().id(), user.user_id, state.clock.now());
    let revoke = move |tx: &mut Tx<'_>| {
        users::lock_by_id(tx, user_id)?;
        credential.live_user(tx, now)?;
        Ok::<_, ApiError>(gifts::revoke(tx, user_id, id, now)?)
    };
    state.db.write(revoke).await
}

async fn published_post(state: &AppState, request: &HttpRequest) -> Result<Arc<CachedPost>, ApiError> {
    let cached = reading::find(state, request).await?;
    if cached.post.is_visible(state.clock.now()) { Ok(cached) } else { Err(ApiError::BlogNotFound) }
}
