//! The keys that sign cookies.

use actix_web::cookie::{Cookie, CookieJar, Key};
use sha2::{Digest, Sha512};

use crate::config::SecretKey;

/// What signs one cookie: the key, and the one before it, whose signatures are still taken.
#[derive(Clone)]
pub(super) struct SigningKey {
    pub(super) key: Key,
    old: Option<Key>,
}

/// What signs each of the cookies: a value of one is none of the other.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "keys must not be shown")]
pub struct CookieKeys {
    pub(super) session: SigningKey,
    pub(super) known_browser: SigningKey,
}

impl CookieKeys {
    /// The keys that come of the secret, and of the one before it.
    #[must_use]
    pub fn new(secret: &SecretKey, old: Option<&SecretKey>) -> Self {
        let signing =
            |purpose: &str| SigningKey { key: derive(secret, purpose), old: old.map(|old| derive(old, purpose)) };
        Self { session: signing(""), known_browser: signing("known_browser") }
    }
}

/// The secret is text of any entropy per byte; its digest uses all of it.
fn derive(secret: &SecretKey, purpose: &str) -> Key {
    Key::from(&Sha512::new().chain_update(secret.as_bytes()).chain_update(purpose).finalize())
}

impl SigningKey {
    /// What a cookie's value was before it was signed, and whether that was with the old key.
    pub(super) fn open(&self, cookie: &Cookie<'static>) -> Option<(String, bool)> {
        let opened = |key: &Key| {
            let mut jar = CookieJar::new();
            jar.add_original(cookie.clone());
            jar.signed(key).get(cookie.name()).map(|opened| opened.value().to_owned())
        };
        let new = opened(&self.key).map(|value| (value, false));
        new.or_else(|| self.old.as_ref().and_then(opened).map(|value| (value, true)))
    }

    /// The value of a cookie of this name, signed.
    pub(super) fn sign(&self, name: &'static str, value: String) -> String {
        let mut jar = CookieJar::new();
        jar.signed_mut(&self.key).add(Cookie::new(name, value));
        jar.get(name).map(|cookie| cookie.value().to_owned()).unwrap_or_default()
    }

    /// Whether there is an old key.
    pub(super) fn is_rotated(&self) -> bool {
        self.old.is_some()
    }
}
