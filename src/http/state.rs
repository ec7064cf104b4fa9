//! The application state, shared by all handlers.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::Semaphore;

use super::{
    admin::Look, body_slots::BodySlots, cookie_keys::CookieKeys, metrics::RequestMetrics, openapi::ApiDescription,
    pages::Site, refused_origins::RefusedOrigins, running_exports::RunningExports,
};
use crate::{
    accounts::{Accounts, second_factors::SeedKeys},
    base::{clock::Clock, secrets::LinkKeys},
    config::{Config, WebhookSecret},
    credentials::{api_tokens::Tokens, sessions::Sessions},
    db::Db,
    jobs::JobMetrics,
    mail::MailMetrics,
    openid::Providers,
    paywall::{Crawlers, MeterMetrics, posts::PostCache, statistics::recent::RecentContents},
};

#[expect(missing_debug_implementations, reason = "the database has none")]
pub struct AppState {
    pub db: Db,
    pub accounts: Accounts,
    pub seeds: SeedKeys,
    /// Limits the bodies of Stripe events being received.
    pub webhook_bodies: BodySlots,
    /// Serializes the processing of Stripe events.
    pub webhook_turn: Semaphore,
    /// Signs the events of the demo checkout if `STRIPE_WEBHOOK_SECRET` is not set.
    pub demo_secret: WebhookSecret,
    /// The OpenID Connect providers that people sign in with.
    pub providers: Providers,
    pub sessions: Sessions,
    pub tokens: Tokens,
    pub posts: PostCache,
    pub crawlers: Arc<Crawlers>,
    /// The statistics by post.
    pub contents: RecentContents,
    pub gift_keys: LinkKeys,
    pub meter: MeterMetrics,
    pub jobs: JobMetrics,
    pub mail: MailMetrics,
    /// `None` if metrics are disabled.
    pub requests: Option<RequestMetrics>,
    pub exports: RunningExports,
    pub refused_origins: RefusedOrigins,
    pub keys: CookieKeys,
    pub clock: Clock,
    pub site: Site,
    /// The look of the console.
    pub console: Look,
    pub description: ApiDescription,
    pub config: Config,
    /// Whether the server is shutting down; see [`AppState::start_draining`].
    pub is_draining: AtomicBool,
}

impl AppState {
    /// Prepares for shutdown: from now on, `/readyz` returns 503 and every response closes its connection, so that
    /// proxies send further requests to other nodes.
    pub fn start_draining(&self) {
        self.is_draining.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }
}
