//! Password settings.

use std::fmt;

use super::{
    environment::{Settings, cores},
    server::ServerConfig,
    setting::{
        Choice,
        DefaultValue::{Computed, Fixed},
        Definition, Form, Optional, Range, Secret, Setting,
    },
};

/// The minimum cost for bcrypt in OWASP's password storage cheat sheet.
const MIN_PUBLIC_COST: u32 = 10;

/// Whose accounts must have a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactorPolicy {
    Off,
    Admins,
    All,
}

#[derive(Clone, Debug)]
pub struct PasswordConfig {
    /// bcrypt's cost: the binary logarithm of the number of rounds.
    pub cost: u32,
    /// Maximum number of passwords hashed at once.
    pub hash_threads: usize,
    /// Maximum number of passwords waiting for a thread.
    pub hash_queue: usize,
    /// In characters.
    pub min_length: usize,
    /// Whether login attempts and registrations are rate limited.
    pub throttle: bool,
    /// Whose accounts must have a second factor.
    pub second_factor: SecondFactorPolicy,
    /// The admin that an empty database gets.
    pub first_admin: Option<AdminSettings>,
}

/// A username and a password as the operator wrote them. `Debug` does not show the password.
#[derive(Clone)]
pub struct AdminSettings {
    pub username: String,
    password: String,
}

impl AdminSettings {
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    fn read(settings: &mut Settings) -> Option<Self> {
        match (ADMIN_USERNAME.read(settings), ADMIN_PASSWORD.read(settings)) {
            (Some(username), Some(password)) => return Some(Self { username, password }),
            (Some(_), None) => settings.error(ADMIN_PASSWORD.name, "must be set because ADMIN_USERNAME is"),
            (None, Some(_)) => settings.error(ADMIN_USERNAME.name, "must be set because ADMIN_PASSWORD is"),
            (None, None) => {}
        }
        None
    }
}

impl fmt::Debug for AdminSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdminSettings").field("username", &self.username).finish_non_exhaustive()
    }
}

impl PasswordConfig {
    pub(super) fn read(settings: &mut Settings, server: &ServerConfig) -> Self {
        let cost = BCRYPT_COST.read(settings);
        let throttle = THROTTLE.read(settings);
        if let Some(because) = server.insecure_settings_reason() {
            if cost < MIN_PUBLIC_COST {
                settings.error(BCRYPT_COST.name, format!("must be at least {MIN_PUBLIC_COST} {because}"));
            }
            if !throttle {
                settings.error(THROTTLE.name, format!("must be on {because}"));
            }
        }
        Self {
            cost,
            throttle,
            second_factor: REQUIRE_SECOND_FACTOR.read(settings),
            hash_threads: HASH_THREADS.read(settings),
            hash_queue: HASH_QUEUE.read(settings),
            min_length: PASSWORD_MIN_LENGTH.read(settings),
            first_admin: AdminSettings::read(settings),
        }
    }
}

pub(super) const ALL: &[&dyn Definition] = &[
    &PASSWORD_MIN_LENGTH,
    &BCRYPT_COST,
    &HASH_THREADS,
    &HASH_QUEUE,
    &THROTTLE,
    &REQUIRE_SECOND_FACTOR,
    &ADMIN_USERNAME,
    &ADMIN_PASSWORD,
];

pub(crate) const PASSWORD_MIN_LENGTH: Setting<usize> = Setting {
    name: "PASSWORD_MIN_LENGTH",
    about: "Minimum number of characters in a new password.",
    values: &Range { min: 1, max: 256 },
    default: Fixed(|| 8),
};

pub(crate) const BCRYPT_COST: Setting<u32> = Setting {
    name: "BCRYPT_COST",
    about: "The cost of hashing a password; each step doubles the time. It must be at least 10 if others may reach the \
            server, that is if `HOST` or `PUBLIC_URL` is not loopback or `TRUSTED_PROXIES` is set.",
    values: &Range { min: 4, max: 31 },
    default: Fixed(|| 12),
};

pub(crate) const HASH_THREADS: Setting<usize> = Setting {
    name: "HASH_THREADS",
    about: "Maximum number of passwords hashed at once. Lower it to keep cores free for other work.",
    values: &Range { min: 1, max: 1024 },
    default: Computed("the number of cores", |_| cores()),
};

pub(crate) const HASH_QUEUE: Setting<usize> = Setting {
    name: "HASH_QUEUE",
    about: "Maximum number of passwords waiting to be hashed, at most 16 of them from one network. Beyond that, logins \
            and registrations get a 503.",
    values: &Range { min: 0, max: 65_536 },
    default: Fixed(|| 64),
};

pub(crate) const THROTTLE: Setting<bool> = Setting {
    name: "THROTTLE",
    about: "Whether wrong passwords, logins, account changes and registrations are rate limited. Turn it off only for tests \
            on a server that only you can reach.",
    values: &Choice::ON_OR_OFF,
    default: Fixed(|| true),
};

pub(crate) const REQUIRE_SECOND_FACTOR: Setting<SecondFactorPolicy> = Setting {
    name: "REQUIRE_SECOND_FACTOR",
    about: "Whose accounts must have a second factor: with `admins` or `all`, users who have none can only sign in, add one and \
            sign out.",
    values: &Choice(&[
        ("off", SecondFactorPolicy::Off),
        ("admins", SecondFactorPolicy::Admins),
        ("all", SecondFactorPolicy::All),
    ]),
    default: Fixed(|| SecondFactorPolicy::Off),
};

pub(crate) const ADMIN_USERNAME: Optional<String> = Optional {
    name: "ADMIN_USERNAME",
    about: "The username of the first admin, who is added when the server starts on a database without users. It changes \
            nothing later. Needs `ADMIN_PASSWORD`.",
    values: &Form { description: "a username", parse: |text| Some(text.to_owned()) },
    unset: "none; make an admin with `tollgate user add --admin <username>`",
};

pub(crate) const ADMIN_PASSWORD: Optional<String> = Optional {
    name: "ADMIN_PASSWORD",
    about: "The password of the first admin, by the rules for every password. Remove it once the admin has signed in, and change \
            it if others could read it here.",
    values: &Secret(Form { description: "a password", parse: |text| Some(text.to_owned()) }),
    unset: "none",
};
