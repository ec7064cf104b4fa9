//! The tokens in e-mail links. Every attempt to deliver a message has the same link.

pub use crate::base::link_tokens::hash;
use crate::{base::link_tokens::LinkKeys, config::SecretKey};

const PURPOSE: &str = "one_time_token";

#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "keys must not be shown")]
pub struct TokenKeys(LinkKeys);

impl TokenKeys {
    #[must_use]
    pub fn new(secret: &SecretKey, old: Option<&SecretKey>) -> Self {
        Self(LinkKeys::new(secret.derive(PURPOSE), old.map(|old| old.derive(PURPOSE))))
    }

    /// The token of a new seed.
    pub(super) fn token(&self, seed: &[u8]) -> String {
        self.0.token(seed)
    }

    /// The tokens that a seed may stand for: messages may have been waiting since before the key rotation.
    pub(super) fn candidates(&self, seed: &[u8]) -> Vec<String> {
        self.0.candidates(seed)
    }
}
