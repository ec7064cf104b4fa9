//! The HTTP server: middleware, extractors, the API's routes and the server's own pages.

mod access;
mod admin;
mod api;
mod body_slots;
mod checkout;
mod context;
mod cookie_keys;
mod cors;
mod credential;
mod demo_checkout;
mod document;
mod entity_tag;
mod error;
mod extract;
mod forward_auth;
mod gift_reading;
mod link_preview;
mod login_cookies;
mod media_folder;
mod media_type;
mod method;
mod metrics;
mod middleware;
mod navigation;
mod oidc_cookie;
pub mod openapi;
mod pages;
mod paging;
mod paths;
mod reader_cookie;
mod reading;
mod reads_headers;
mod refused_origins;
mod return_address;
mod routes;
mod running_exports;
mod session;
mod state;
mod untrusted_forwarding;

use actix_web::{
    App, Error,
    body::BoxBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::from_fn,
    web::{Data, ThinData},
};

use self::{access::AccessTable, routes::Features};
pub use self::{
    admin::Look,
    api::export::AccountExport,
    body_slots::BodySlots,
    cookie_keys::CookieKeys,
    metrics::{Metrics, RequestMetrics, scrape_app},
    middleware::{access_log::ACCESS_LOG, span::SPANS},
    pages::Site,
    refused_origins::RefusedOrigins,
    running_exports::RunningExports,
    session::DbSessionStore,
    state::AppState,
};
use crate::paywall::ReadQueue;

/// Builds the application for one worker thread. A request passes the layers in reverse order: the last `wrap` is the
/// outermost.
pub fn app(
    state: Data<AppState>,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>,
> {
    let features = Features::of(&state.config);
    let cors = cors::cross_origin(&state.config.server);
    let sessions = session::session_middleware(&state);
    let reads = ReadQueue::new(&state.db, state.config.meter, &state.meter);
    App::new()
        .app_data(ThinData(reads))
        .app_data(state)
        .app_data(AccessTable::new(routes::access(features)))
        .app_data(Data::new(routes::served_paths(features)))
        .configure(|app| routes::configure(app, features))
        .wrap(from_fn(middleware::require_credential))
        .wrap(sessions)
        .wrap(from_fn(middleware::pre_authenticate))
        .wrap(cors)
        .wrap(from_fn(middleware::finish_response))
}
