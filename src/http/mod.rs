//! HTTP: the layers that every request passes, and behind them the routes.

mod api;
mod checkout;
mod connection;
mod cookie_keys;
mod device;
mod document;
mod entity_tag;
mod error;
mod error_sources;
mod extract;
mod known_browser;
mod method;
mod metrics;
mod middleware;
mod navigation;
mod network_slots;
mod pages;
mod paths;
mod reads_headers;
mod running_exports;
mod state;
mod untrusted_forwarding;

use actix_cors::Cors;
use actix_session::{
    SessionMiddleware,
    config::{BrowserSession, CookieContentSecurity},
};
use actix_web::{
    App, Error,
    body::BoxBody,
    cookie::SameSite,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    http::header,
    middleware::from_fn,
    web::{Data, ThinData},
};

pub use self::{
    connection::{
        limits::{ConnectionLimits, Connections},
        timeouts::{ConnectionActivity, TimeoutStream},
    },
    cookie_keys::CookieKeys,
    metrics::{Metrics, RequestMetrics, scrape_app},
    middleware::{refused_origins::RefusedOrigins, span::SPANS},
    network_slots::NetworkSlots,
    running_exports::RunningExports,
    state::AppState,
};
use crate::{config::ServerConfig, metering::ReadQueue};

/// How long browsers keep the answer to a preflight, seconds; Chromium takes no more than this.
const PREFLIGHT_MAX_AGE: usize = 7200;

/// The application, for one thread that serves: the last layer that is wrapped here is the first that a request meets.
pub fn app(
    state: Data<AppState>,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>,
> {
    let has_pages = state.config.server.has_pages();
    let cors = cors(&state.config.server);
    let sessions = sessions(&state);
    let reads = ReadQueue::new(state.db.clone(), state.config.meter, state.meter.clone());
    App::new()
        .app_data(ThinData(reads))
        .app_data(state)
        .configure(|app| api::configure(app, has_pages))
        .wrap(from_fn(middleware::require_session))
        .wrap(sessions)
        .wrap(from_fn(middleware::pre_authenticate))
        .wrap(cors)
        .wrap(from_fn(middleware::finish_response))
}

/// The middleware sets a cookie for the browser's session; [`session_cookie`] lengthens it where a login asks for it.
fn sessions(state: &AppState) -> SessionMiddleware<middleware::SessionStoreAdapter> {
    SessionMiddleware::builder(middleware::SessionStoreAdapter(state.store.clone()), state.keys.session.key.clone())
        .cookie_name(state.config.cookie.name().to_owned())
        .cookie_secure(state.config.cookie.secure)
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .cookie_path("/".to_owned())
        .cookie_content_security(CookieContentSecurity::Signed)
        .session_lifecycle(BrowserSession::default())
        .build()
}

/// An origin that is not listed gets no CORS headers, so that its page cannot read the answer. It is not blocked here:
/// the server's own pages send `Origin` too, and [`origin`] refuses what others must not do.
fn cors(server: &ServerConfig) -> Cors {
    let cors = Cors::default()
        .supports_credentials()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allow_any_header()
        .expose_headers([
            reads_headers::LIMIT,
            reads_headers::REMAINING,
            reads_headers::RESET,
            middleware::REQUEST_ID,
            header::RETRY_AFTER,
            header::ETAG,
            header::LINK,
            header::LOCATION,
        ])
        .max_age(PREFLIGHT_MAX_AGE);
    let allowed = server.cors_origins.clone();
    cors.allowed_origin_fn(move |origin, _| origin.to_str().is_ok_and(|origin| allowed.contains(origin)))
}
