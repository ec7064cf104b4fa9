//! The secret tokens with which browsers identify their sessions, and similar tokens.

use rand::distr::{Alphanumeric, SampleString};
use sha2::{Digest, Sha256};

use super::TokenHash;

/// 256 random bits, as each letter is one of 62. A longer token would take one block more of SHA-256, in its digest and in
/// the signature of its cookie. Nothing depends on the length, so that longer tokens from before remain valid.
const LENGTH: usize = 43;

#[must_use]
pub fn generate() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), LENGTH)
}

/// Unlike a password, a random token needs neither a slow hash nor a salt.
#[must_use]
pub fn hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}
