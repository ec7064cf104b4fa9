//! The secret token by which a browser identifies its session.

use rand::distr::{Alphanumeric, SampleString};
use sha2::{Digest, Sha256};

use crate::models::sessions::TokenHash;

/// 381 random bits.
const LENGTH: usize = 64;

pub(super) fn generate() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), LENGTH)
}

/// Unlike a password, a random token needs neither a slow hash nor a salt.
pub(super) fn hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}
