//! What the handlers share.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Semaphore;

use super::{
    cookie_keys::CookieKeys, metrics::RequestMetrics, middleware::refused_origins::RefusedOrigins,
    network_slots::NetworkSlots, running_exports::RunningExports,
};
use crate::{
    accounts::credentials::Verifier, clock::Clock, config::Config, db::Db, metering::MeterMetrics, posts::PostCache,
    sessions::DbSessionStore,
};

/// What the handlers share.
#[expect(missing_debug_implementations, reason = "the database has none")]
pub struct AppState {
    /// The database.
    pub db: Db,
    /// Checks passwords, and has the threads that hash them.
    pub verifier: Verifier,
    /// Bodies of Stripe's events that are being received.
    pub webhook_bodies: NetworkSlots,
    /// Whose turn it is to take an event of Stripe's.
    pub webhook_turn: Semaphore,
    /// Looks sessions up.
    pub store: DbSessionStore,
    /// Looks posts up.
    pub posts: PostCache,
    /// What the meter decided.
    pub meter: MeterMetrics,
    /// What was asked for, where somebody wants to know.
    pub requests: Option<RequestMetrics>,
    /// Whose accounts are being exported.
    pub exports: RunningExports,
    /// The refused origins that were logged lately.
    pub refused_origins: RefusedOrigins,
    /// What signs cookies.
    pub keys: CookieKeys,
    /// The time.
    pub clock: Clock,
    /// The settings.
    pub config: Config,
    /// Whether the server is about to stop, see [`AppState::start_draining`].
    pub is_draining: AtomicBool,
}

impl AppState {
    /// From now on `/readyz` is 503, and every response asks its client not to use the connection again: proxies send
    /// what comes next to other nodes.
    pub fn start_draining(&self) {
        self.is_draining.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }
}
