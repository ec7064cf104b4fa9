//! Session settings.

use std::time::Duration;

use super::{
    definitions::{
        REMEMBER_IDLE, REMEMBER_MAX, SESSION_CACHE, SESSION_FRESH, SESSION_IDLE, SESSION_MAX, SESSION_PROTECTION,
    },
    environment::Settings,
    values::Protection,
};

/// The two limits of a session, which expires at whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// Since the last request.
    pub idle: Duration,
    /// Since the login.
    pub max: Duration,
}

#[derive(Clone, Copy, Debug)]
pub struct SessionConfig {
    /// For sessions that end when the browser is closed.
    pub browser: Lifetime,
    /// For sessions that stay signed in.
    pub remembered: Lifetime,
    /// How long after the login sensitive actions need no re-authentication.
    pub fresh: Duration,
    pub protection: Protection,
    /// Maximum number of cached sessions; with 0, each request queries the database.
    pub cache: usize,
}

impl SessionConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self {
            browser: Lifetime { idle: SESSION_IDLE.read(settings), max: SESSION_MAX.read(settings) },
            remembered: Lifetime { idle: REMEMBER_IDLE.read(settings), max: REMEMBER_MAX.read(settings) },
            fresh: SESSION_FRESH.read(settings),
            protection: SESSION_PROTECTION.read(settings),
            cache: SESSION_CACHE.read(settings),
        }
    }

    #[must_use]
    pub fn lifetime(&self, stay_signed_in: bool) -> Lifetime {
        if stay_signed_in { self.remembered } else { self.browser }
    }
}
