//! The checks before a session is looked up, in order. They are one layer, because each layer costs every request a box
//! and two polls.

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};

use super::{origin, static_files};
use crate::http::{
    context::RequestContext, error::ApiError, session::with_session, state::AppState, untrusted_forwarding,
};

pub(in crate::http) async fn pre_authenticate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let state = request.app_data::<Data<AppState>>().cloned();
    let (Some(state), Some(context)) = (state, RequestContext::of(&request)) else {
        return Ok(request.error_response(ApiError::Internal("the application has no state".to_owned())));
    };
    untrusted_forwarding::observe(&request, &state);
    if origin::is_refused(&request, &context, &state.config.server) {
        return Ok(request.error_response(ApiError::CrossOrigin));
    }
    match static_files::find(&request, context.access, &state.config).await {
        Some(Ok(file)) => return Ok(request.into_response(file)),
        Some(Err(error)) => return Ok(request.error_response(error)),
        None => {}
    }
    with_session(request, context, state, next).await
}
