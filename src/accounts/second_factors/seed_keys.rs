//! Encrypts the seeds of authenticator apps, so that codes cannot be computed from a copy of the database.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};

use super::totp::Seed;
use crate::{base::secrets, config::SecretKey, db::DbError};

/// Distinguishes this use of the secret from others, such as signing cookies.
const PURPOSE: &str = "totp_seed";

const NONCE_LENGTH: usize = 12;

/// The keys that seeds are encrypted under. Clones log each user's unreadable seed only once.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "keys must not be shown")]
pub struct SeedKeys {
    key: [u8; 32],
    /// From before the key rotation.
    old: Option<[u8; 32]>,
    /// The users whose seeds were logged as unreadable.
    warned: Arc<Mutex<BTreeSet<i64>>>,
}

/// A decrypted seed.
pub(super) struct Opened {
    pub(super) seed: Seed,
    /// Whether it is to be encrypted again, under the current key.
    pub(super) is_old: bool,
}

impl SeedKeys {
    #[must_use]
    pub fn new(secret: &SecretKey, old: Option<&SecretKey>) -> Self {
        let derive = |secret: &SecretKey| secret.derive(PURPOSE);
        Self { key: derive(secret), old: old.map(derive), warned: Arc::default() }
    }

    /// Encrypts a seed. The result is bound to the user: in another user's row it cannot be decrypted.
    pub(super) fn seal(&self, seed: &Seed, user_id: i64) -> Result<Vec<u8>, DbError> {
        let nonce: [u8; NONCE_LENGTH] = secrets::random_bytes()?;
        let sealed = Aes256Gcm::new(&self.key.into())
            .encrypt(Nonce::from_slice(&nonce), Payload { msg: seed, aad: &user_id.to_be_bytes() })
            .map_err(|error| DbError::Query(format!("cannot encrypt a seed: {error}")))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Decrypts a seed; `None` if it was encrypted under another key, or for another user.
    pub(super) fn open(&self, sealed: &[u8], user_id: i64) -> Option<Opened> {
        let current = open(&self.key, sealed, user_id).map(|seed| Opened { seed, is_old: false });
        current.or_else(|| Some(Opened { seed: open(self.old.as_ref()?, sealed, user_id)?, is_old: true }))
    }

    /// As [`Self::open`], and tells the operator about a seed that no key opens: the key was replaced after a leak, or
    /// lost. The user cannot be told, because nothing that the user does brings the key back.
    pub(super) fn open_or_warn(&self, sealed: &[u8], user_id: i64) -> Option<Opened> {
        let opened = self.open(sealed, user_id);
        if opened.is_none() && self.warned.lock().unwrap_or_else(PoisonError::into_inner).insert(user_id) {
            tracing::warn!(
                user_id,
                "no current key decrypts the seed of this user's authenticator app; its codes do not work"
            );
        }
        opened
    }
}

fn open(key: &[u8; 32], sealed: &[u8], user_id: i64) -> Option<Seed> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE_LENGTH)?;
    let payload = Payload { msg: sealed, aad: &user_id.to_be_bytes() };
    Aes256Gcm::new(key.into()).decrypt(Nonce::from_slice(nonce), payload).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::config::Config;

    fn secret(letter: &str) -> SecretKey {
        let values = HashMap::from([("SECRET_KEY".to_owned(), letter.repeat(64))]);
        Config::from_values(values).expect("valid").cookie.secret_key.expect("set")
    }

    #[test]
    fn a_seed_is_only_opened_for_its_user_with_its_key() {
        let (keys, others) = (SeedKeys::new(&secret("a"), None), SeedKeys::new(&secret("b"), None));
        let sealed = keys.seal(&[7; 20], 1).expect("sealed");
        assert!(keys.open(&sealed, 1).is_some_and(|opened| opened.seed == [7; 20] && !opened.is_old));
        assert!(keys.open(&sealed, 2).is_none(), "the row of another user");
        assert!(others.open(&sealed, 1).is_none(), "another key");
        for length in 0..sealed.len() {
            assert!(keys.open(&sealed[..length], 1).is_none(), "{length}");
        }
        assert_ne!(sealed, keys.seal(&[7; 20], 1).expect("sealed"), "each has its own nonce");
        assert!(!sealed.windows(4).any(|window| window == [7; 4]));
    }

    #[test]
    fn after_a_rotation_seeds_of_the_old_key_are_opened_and_marked() {
        let sealed = SeedKeys::new(&secret("a"), None).seal(&[7; 20], 1).expect("sealed");
        let rotated = SeedKeys::new(&secret("b"), Some(&secret("a")));
        assert!(rotated.open(&sealed, 1).is_some_and(|opened| opened.seed == [7; 20] && opened.is_old));
    }
}
