//! Charges reads for pages of other applications.

use actix_web::HttpRequest;

use crate::{
    credentials::sessions::Transport,
    http::{
        checkout,
        context::transport,
        credential::Credential,
        error::{ApiError, PaywallHit},
        middleware::origin,
        reader_cookie,
        reading::must_verify_email,
        state::AppState,
    },
    paywall::{Charge, MeterState, PagePath, ReadQueue, Reader, read_page},
};

/// Counts a read of the page, unless it was counted before in this period. An anonymous reader is recognized by
/// a cookie from then on.
pub(super) async fn charge(
    state: &AppState,
    queue: &ReadQueue,
    request: &HttpRequest,
    credential: Option<&Credential>,
    page: PagePath,
) -> Result<MeterState, ApiError> {
    let has_token = transport(request) == Transport::Bearer;
    if origin::is_not_a_page_view(request.headers(), &state.config.server, has_token) {
        return Err(ApiError::NotARead);
    }
    let (user, now) = (credential.map(Credential::user), state.clock.now());
    if user.is_some_and(|user| must_verify_email(state, user)) {
        return Err(ApiError::EmailNotVerified);
    }
    let reader = match user {
        Some(user) => Reader::user(user.user_id).with_rights(user.is_subscribed(now), false),
        None => reader_cookie::reader(request, state)?,
    };
    match (read_page(queue, reader, page, now).await?, user) {
        (Charge::Granted(meter), _) => {
            reader_cookie::set_after_read(request, state, &reader);
            Ok(meter)
        }
        (Charge::UsedUp(meter), Some(user)) => {
            let checkout = checkout::links(state, request, user);
            Err(ApiError::PaymentRequired(PaywallHit { meter: Some(meter), checkout, ..PaywallHit::default() }))
        }
        (Charge::UsedUp(meter), None) => {
            Err(ApiError::AnonymousReadsUsedUp(PaywallHit { meter: Some(meter), ..PaywallHit::default() }))
        }
    }
}
