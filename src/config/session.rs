//! Session settings.

use std::time::Duration;

use super::{
    duration::duration,
    settings::{Settings, number},
};

/// The two limits of a session, which expires at whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// Since the last request.
    pub idle: Duration,
    /// Since the login.
    pub max: Duration,
}

/// What happens to a session that is used from another network or with another user agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Nothing.
    Off,
    /// Sensitive actions require re-authentication.
    Basic,
    /// The session is ended.
    Strong,
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
            browser: lifetime(settings, ("SESSION_IDLE", days(1)), ("SESSION_MAX", days(7))),
            remembered: lifetime(settings, ("REMEMBER_IDLE", days(30)), ("REMEMBER_MAX", days(90))),
            fresh: settings.get("SESSION_FRESH", Duration::from_secs(15 * 60), duration),
            protection: settings.get("SESSION_PROTECTION", Protection::Basic, |text| match text {
                "off" => Ok(Protection::Off),
                "basic" => Ok(Protection::Basic),
                "strong" => Ok(Protection::Strong),
                _ => Err("must be basic, strong or off"),
            }),
            cache: settings.get("SESSION_CACHE", 100_000, |text| number(text, 0, 10_000_000)),
        }
    }

    #[must_use]
    pub fn lifetime(&self, stay_signed_in: bool) -> Lifetime {
        if stay_signed_in { self.remembered } else { self.browser }
    }
}

fn lifetime(settings: &mut Settings, idle: (&str, Duration), max: (&str, Duration)) -> Lifetime {
    Lifetime { idle: settings.get(idle.0, idle.1, duration), max: settings.get(max.0, max.1, duration) }
}

fn days(count: u64) -> Duration {
    Duration::from_secs(count * 24 * 60 * 60)
}
