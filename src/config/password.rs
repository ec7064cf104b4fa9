//! How passwords are taken and hashed.

use std::thread;

use super::{
    server::ServerConfig,
    settings::{Settings, number},
};

/// The least cost that OWASP's password storage cheat sheet accepts for bcrypt.
const MIN_PUBLIC_COST: u32 = 10;

/// How passwords are taken and hashed.
#[derive(Clone, Debug)]
pub struct PasswordConfig {
    /// bcrypt's cost: 2 to the power of it rounds.
    pub cost: u32,
    /// Passwords hashed at once.
    pub hash_threads: usize,
    /// Passwords that may wait for a thread.
    pub hash_queue: usize,
    /// The least number of characters.
    pub min_length: usize,
    /// Whether guesses and registrations are counted and limited.
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

/// As many as there are cores.
pub(super) fn default_threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}
