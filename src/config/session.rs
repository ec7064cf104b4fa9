//! Session settings.

use std::time::Duration;

use super::{
    duration::{DAY, Span},
    environment::Settings,
    setting::{Choice, DefaultValue::Fixed, Definition, Range, Setting},
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

pub(super) const ALL: &[&dyn Definition] =
    &[&SESSION_IDLE, &SESSION_MAX, &REMEMBER_IDLE, &REMEMBER_MAX, &SESSION_FRESH, &SESSION_PROTECTION, &SESSION_CACHE];

pub(crate) const SESSION_IDLE: Setting<Duration> = Setting {
    name: "SESSION_IDLE",
    about: "How long a session lasts without requests if the user did not choose to stay signed in.",
    values: &Span::Positive,
    default: Fixed(|| DAY),
};

pub(crate) const SESSION_MAX: Setting<Duration> = Setting {
    name: "SESSION_MAX",
    about: "How long a session lasts in total if the user did not choose to stay signed in.",
    values: &Span::Positive,
    default: Fixed(|| 7 * DAY),
};

pub(crate) const REMEMBER_IDLE: Setting<Duration> = Setting {
    name: "REMEMBER_IDLE",
    about: "How long a session lasts without requests if the user chose to stay signed in. It is also the cookie's \
            `Max-Age`.",
    values: &Span::Positive,
    default: Fixed(|| 30 * DAY),
};

pub(crate) const REMEMBER_MAX: Setting<Duration> = Setting {
    name: "REMEMBER_MAX",
    about: "How long a session lasts in total if the user chose to stay signed in.",
    values: &Span::Positive,
    default: Fixed(|| 90 * DAY),
};

pub(crate) const SESSION_FRESH: Setting<Duration> = Setting {
    name: "SESSION_FRESH",
    about: "How long after signing in users can change their account without entering their password again. Shorten it if \
            people share devices.",
    values: &Span::Positive,
    default: Fixed(|| Duration::from_secs(15 * 60)),
};

pub(crate) const SESSION_PROTECTION: Setting<Protection> = Setting {
    name: "SESSION_PROTECTION",
    about: "What happens to a session that is used with another user agent or from another network (IPv4 /24, IPv6 /48). \
            With `basic`, account changes require the password; with `strong`, the session ends, which also signs people \
            out when their browser is updated or their phone changes networks; with `off`, nothing happens.",
    values: &Choice(&[("basic", Protection::Basic), ("strong", Protection::Strong), ("off", Protection::Off)]),
    default: Fixed(|| Protection::Basic),
};

pub(crate) const SESSION_CACHE: Setting<usize> = Setting {
    name: "SESSION_CACHE",
    about: "Maximum number of sessions cached in memory. The cache of API tokens has the same size, up to 10,000. Raise it \
            if more sessions are in use at once. With `0`, every request queries the database, and posts are not cached \
            either: use it if PostgreSQL's notifications do not arrive, as behind PgBouncer in transaction mode.",
    values: &Range { min: 0, max: 10_000_000 },
    default: Fixed(|| 100_000),
};
