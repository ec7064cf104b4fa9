//! The tokens in gift links.

use super::table::GiftSecret;
pub(super) use crate::base::link_tokens::hash;
use crate::{base::link_tokens::LinkKeys, config::SecretKey};

const PURPOSE: &str = "gift";

#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "keys must not be shown")]
pub struct GiftKeys(LinkKeys);

impl GiftKeys {
    #[must_use]
    pub fn new(secret: &SecretKey, old: Option<&SecretKey>) -> Self {
        Self(LinkKeys::new(secret.derive(PURPOSE), old.map(|old| old.derive(PURPOSE))))
    }

    /// The token of a new seed.
    pub(super) fn token(&self, seed: &[u8]) -> String {
        self.0.token(seed)
    }

    /// The token of a gift; `None` if the key that it was made with is no longer configured.
    pub(super) fn token_of(&self, gift: &GiftSecret) -> Option<String> {
        let tokens = self.0.candidates(&gift.seed);
        tokens.into_iter().find(|token| hash(token).as_slice() == gift.token_hash)
    }
}
