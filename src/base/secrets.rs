//! Random bytes, and secret tokens, of which the database has only the digests.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use rand::distr::{Alphanumeric, SampleString};
use sha2::{Digest, Sha256};

/// 256 random bits, as each letter is one of 62. A longer token would take one block more of SHA-256, in its digest and in
/// the signature of its cookie. Nothing depends on the length, so that longer tokens from before remain valid.
const LENGTH: usize = 43;

/// A new token of letters and digits.
#[must_use]
pub fn random_token() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), LENGTH)
}

/// # Errors
/// The system has no random numbers.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// What the database has of a token. Unlike a password, a random token needs neither a slow hash nor a salt.
#[must_use]
pub fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// The code of 8 digits that belongs to a link: people type it into the browser that asked for the link. Its use must be
/// limited, because there are only 10⁸.
#[must_use]
pub fn code(token: &str) -> String {
    let digest = digest(&format!("code of {token}"));
    let number = digest.iter().take(16).fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
    format!("{:08}", number % 100_000_000)
}

/// The keys of tokens in links that can be made again. The database has neither a token nor what it takes to compute one:
/// a row has a random seed, and the token is a MAC of it under a key derived from `SECRET_KEY`. So a link stays the same
/// whenever it is made, and cannot be made from a copy of the database.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "keys must not be shown")]
pub struct LinkKeys {
    key: [u8; 64],
    /// From before the key rotation, for links that were made then.
    old: Option<[u8; 64]>,
}

impl LinkKeys {
    #[must_use]
    pub fn new(key: [u8; 64], old: Option<[u8; 64]>) -> Self {
        Self { key, old }
    }

    /// The token of a new seed.
    #[must_use]
    pub fn token(&self, seed: &[u8]) -> String {
        mac(&self.key, seed)
    }

    /// The tokens that a seed may stand for.
    #[must_use]
    pub fn candidates(&self, seed: &[u8]) -> Vec<String> {
        std::iter::once(&self.key).chain(&self.old).map(|key| mac(key, seed)).collect()
    }
}

fn mac(key: &[u8; 64], seed: &[u8]) -> String {
    #[expect(clippy::expect_used, reason = "RFC 2104: HMAC accepts a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(seed);
    BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}
