//! Charges reads for pages of other applications.

use actix_web::HttpRequest;

use super::Refusal;
use crate::{
    http::{
        checkout, credential::Credential, error::ApiError, middleware::origin, reader_cookie,
        reading::must_verify_email, state::AppState,
    },
    metering::{Charge, MeterState, PageVisitor, ReadQueue, Reader, ResourcePath, read_page},
};

/// Counts a read of the page, unless it was counted before in this period.
pub(super) async fn charge(
    state: &AppState,
    queue: &ReadQueue,
    request: &HttpRequest,
    credential: &Credential,
    page: ResourcePath,
) -> Result<MeterState, ApiError> {
    let has_token = matches!(credential, Credential::Token(_));
    if origin::is_not_a_page_view(request.headers(), &state.config.server, has_token) {
        return Err(ApiError::NotARead);
    }
    let user = credential.user();
    if must_verify_email(state, user) {
        return Err(ApiError::EmailNotVerified);
    }
    let now = state.clock.now();
    let reader = Reader { user_id: user.user_id, is_subscribed: user.is_subscribed(now), is_editor: false };
    match read_page(queue, PageVisitor::User(reader), page, now).await? {
        Charge::Granted(meter) => Ok(meter),
        Charge::UsedUp(meter) => {
            let checkout_url = checkout::link(state, request, user);
            Err(Refusal::PaymentRequired { meter, checkout_url }.into())
        }
    }
}

/// Like [`charge`], for a reader without a session, who is recognized by a cookie from then on.
pub(super) async fn charge_anonymous(
    state: &AppState,
    queue: &ReadQueue,
    request: &HttpRequest,
    page: ResourcePath,
) -> Result<MeterState, ApiError> {
    if origin::is_not_a_page_view(request.headers(), &state.config.server, false) {
        return Err(ApiError::NotARead);
    }
    let reader = reader_cookie::reader(request, state)?;
    match read_page(queue, PageVisitor::Anonymous(reader), page, state.clock.now()).await? {
        Charge::Granted(meter) => {
            reader_cookie::set_after_read(request, state, &reader);
            Ok(meter)
        }
        Charge::UsedUp(meter) => Err(Refusal::AnonymousReadsUsedUp(meter).into()),
    }
}
