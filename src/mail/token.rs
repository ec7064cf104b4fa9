//! The secret tokens in links. The database has neither a token nor what it takes to compute one: an outbox row has a
//! random seed, and the token is a MAC of it under a key derived from `SECRET_KEY`. So every attempt to deliver a
//! message has the same link, and a copy of the database opens nothing.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha512};

use crate::{config::SecretKey, models::one_time_tokens::TokenHash};

/// Distinguishes this use of the secret from others, such as signing cookies.
const PURPOSE: &str = "one_time_token";

/// The keys that tokens are computed with.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "keys must not be shown")]
pub struct TokenKeys {
    key: [u8; 64],
    /// From before the key rotation; messages may be waiting since then.
    old: Option<[u8; 64]>,
}

impl TokenKeys {
    #[must_use]
    pub fn new(secret: &SecretKey, old: Option<&SecretKey>) -> Self {
        Self { key: derive(secret), old: old.map(derive) }
    }

    /// The token of a new seed.
    pub(super) fn token(&self, seed: &[u8]) -> String {
        mac(&self.key, seed)
    }

    /// The tokens that a seed may stand for.
    pub(super) fn candidates(&self, seed: &[u8]) -> Vec<String> {
        std::iter::once(&self.key).chain(&self.old).map(|key| mac(key, seed)).collect()
    }
}

/// Unlike a password, a random token needs neither a slow hash nor a salt.
#[must_use]
pub fn hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

fn derive(secret: &SecretKey) -> [u8; 64] {
    Sha512::new().chain_update(secret.as_bytes()).chain_update(PURPOSE).finalize().into()
}

fn mac(key: &[u8; 64], seed: &[u8]) -> String {
    #[expect(clippy::expect_used, reason = "RFC 2104: HMAC accepts a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(seed);
    BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}
