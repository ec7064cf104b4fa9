//! Password settings.

use std::thread;

use super::{
    server::ServerConfig,
    settings::{Settings, number},
};

/// The minimum cost for bcrypt in OWASP's password storage cheat sheet.
const MIN_PUBLIC_COST: u32 = 10;

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
}

impl PasswordConfig {
    pub(super) fn read(settings: &mut Settings, server: &ServerConfig) -> Self {
        let cost = settings.get("BCRYPT_COST", 12, |text| number(text, 4, 31));
        let throttle = settings.get("THROTTLE", true, |text| match text {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => Err("must be on or off"),
        });
        if let Some(because) = server.insecure_because() {
            if cost < MIN_PUBLIC_COST {
                settings.error("BCRYPT_COST", format!("must be at least {MIN_PUBLIC_COST} {because}"));
            }
            if !throttle {
                settings.error("THROTTLE", format!("must be on {because}"));
            }
        }
        Self {
            cost,
            throttle,
            hash_threads: settings.get("HASH_THREADS", default_threads(), |text| number(text, 1, 1024)),
            hash_queue: settings.get("HASH_QUEUE", 64, |text| number(text, 0, 65_536)),
            min_length: settings.get("PASSWORD_MIN_LENGTH", 8, |text| number(text, 1, 256)),
        }
    }
}

/// One per core.
pub(super) fn default_threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}
