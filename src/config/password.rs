//! Password settings.

use super::{
    definitions::{BCRYPT_COST, HASH_QUEUE, HASH_THREADS, PASSWORD_MIN_LENGTH, REQUIRE_SECOND_FACTOR, THROTTLE},
    environment::Settings,
    server::ServerConfig,
    values::SecondFactorPolicy,
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
    /// Whose accounts must have a second factor.
    pub second_factor: SecondFactorPolicy,
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
        }
    }
}
