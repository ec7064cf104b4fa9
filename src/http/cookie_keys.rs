//! Cookie signing keys.

use actix_web::cookie::{Cookie, CookieJar, Key};
use sha2::{Digest, Sha256};

use crate::{config::SecretKey, paywall::meter_id::MeterId};

/// The key that signs one cookie, and the previous key, whose signatures are still accepted.
#[derive(Clone)]
pub(super) struct SigningKey {
    pub(super) key: Key,
    old: Option<Key>,
}

/// The signing keys. Each cookie has its own, so that the value of one is not valid for the other.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "keys must not be shown")]
pub struct CookieKeys {
    pub(super) session: SigningKey,
    pub(super) known_browser: SigningKey,
    pub(super) reader: SigningKey,
    /// Encrypts as well.
    pub(super) oidc: SigningKey,
    pub(super) networks: NetworkKey,
}

impl CookieKeys {
    /// Derives the keys from the secret and from the previous one.
    #[must_use]
    pub fn new(secret: &SecretKey, old: Option<&SecretKey>) -> Self {
        let signing_key =
            |purpose: &str| SigningKey { key: derive(secret, purpose), old: old.map(|old| derive(old, purpose)) };
        Self {
            session: signing_key("session"),
            known_browser: signing_key("known_browser"),
            reader: signing_key("reader"),
            oidc: signing_key("oidc"),
            networks: NetworkKey(secret.derive("network")),
        }
    }
}

/// Derives the id of a network's meter from its address and a secret key. Without the key, the addresses cannot be
/// recovered from the database by trying them all. A new key resets the budgets of networks.
#[derive(Clone)]
pub(super) struct NetworkKey([u8; 32]);

impl NetworkKey {
    pub(super) fn meter_id(&self, network: &str) -> MeterId {
        let digest = Sha256::new().chain_update(self.0).chain_update(network).finalize();
        MeterId::of_network(digest.iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte)))
    }
}

fn derive(secret: &SecretKey, purpose: &str) -> Key {
    Key::from(&secret.derive::<64>(purpose))
}

impl SigningKey {
    /// Verifies a cookie. Returns its unsigned value and whether it was signed with the old key.
    pub(super) fn open(&self, cookie: &Cookie<'static>) -> Option<(String, bool)> {
        let opened = |key: &Key| {
            let mut jar = CookieJar::new();
            jar.add_original(cookie.clone());
            jar.signed(key).get(cookie.name()).map(|opened| opened.value().to_owned())
        };
        let new = opened(&self.key).map(|value| (value, false));
        new.or_else(|| self.old.as_ref().and_then(opened).map(|value| (value, true)))
    }

    /// Signs the value of a cookie.
    pub(super) fn sign(&self, name: &'static str, value: String) -> String {
        let mut jar = CookieJar::new();
        jar.signed_mut(&self.key).add(Cookie::new(name, value));
        jar.get(name).map(|cookie| cookie.value().to_owned()).unwrap_or_default()
    }

    /// Decrypts a cookie that [`Self::seal`] has made.
    pub(super) fn unseal(&self, cookie: &Cookie<'static>) -> Option<String> {
        let opened = |key: &Key| {
            let mut jar = CookieJar::new();
            jar.add_original(cookie.clone());
            jar.private(key).get(cookie.name()).map(|opened| opened.value().to_owned())
        };
        opened(&self.key).or_else(|| self.old.as_ref().and_then(opened))
    }

    /// Encrypts the value of a cookie, which cannot be changed either, or be passed off as that of another cookie.
    pub(super) fn seal(&self, name: &'static str, value: String) -> String {
        let mut jar = CookieJar::new();
        jar.private_mut(&self.key).add(Cookie::new(name, value));
        jar.get(name).map(|cookie| cookie.value().to_owned()).unwrap_or_default()
    }

    /// Whether an old key is configured.
    pub(super) fn is_rotated(&self) -> bool {
        self.old.is_some()
    }
}
