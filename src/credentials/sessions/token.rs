//! The secret tokens with which browsers identify their sessions, and similar tokens.

use rand::distr::{Alphanumeric, SampleString};
use sha2::{Digest, Sha256};

use super::TokenHash;

/// 381 random bits.
const LENGTH: usize = 64;

#[must_use]
pub fn generate() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), LENGTH)
}

/// Unlike a password, a random token needs neither a slow hash nor a salt.
#[must_use]
pub fn hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}
