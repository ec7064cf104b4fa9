//! Settings of the session cookie.

use super::{
    environment::Settings,
    server::ServerConfig,
    setting::{Choice, DefaultValue::Fixed, Definition, Optional, Secret, Setting},
    values::{KeyText, SecretKey},
};

#[derive(Clone, Debug)]
pub struct CookieConfig {
    /// If it is not set, a key is generated and stored in a file.
    pub secret_key: Option<SecretKey>,
    /// The previous key, during a key rotation: cookies signed with it are accepted and re-signed.
    pub old_secret_key: Option<SecretKey>,
    /// Whether browsers send the cookie over HTTPS only.
    pub secure: bool,
}

impl CookieConfig {
    pub(super) fn read(settings: &mut Settings, server: &ServerConfig) -> Self {
        let secure = COOKIE_SECURE.read(settings);
        let insecure_allowed = ALLOW_INSECURE_COOKIES.read(settings);
        if !secure && !insecure_allowed && !server.is_loopback() {
            settings.error(
                COOKIE_SECURE.name,
                "must be true if HOST is not loopback: over plain HTTP anyone on the network path can read the session \
                 cookie (ALLOW_INSECURE_COOKIES=true accepts that)",
            );
        }
        Self { secret_key: SECRET_KEY.read(settings), old_secret_key: SECRET_KEY_OLD.read(settings), secure }
    }

    /// The name of the session cookie. The prefix `__Host-` makes browsers reject a cookie of that name set by another
    /// host or over plain HTTP (RFC 6265bis).
    #[must_use]
    pub fn name(&self) -> &'static str {
        if self.secure { "__Host-session" } else { "session" }
    }

    /// The name of the cookie that lists the accounts this browser has signed in to.
    #[must_use]
    pub fn known_browser_name(&self) -> &'static str {
        if self.secure { "__Host-known_browser" } else { "known_browser" }
    }

    /// The name of the cookie of a login that waits for its second factor.
    #[must_use]
    pub fn pending_login_name(&self) -> &'static str {
        if self.secure { "__Host-login" } else { "login" }
    }

    /// The name of the cookie of a browser that needs no second factor.
    #[must_use]
    pub fn trusted_browser_name(&self) -> &'static str {
        if self.secure { "__Host-trusted_browser" } else { "trusted_browser" }
    }

    /// The name of the cookie of a browser that has asked for a message to sign in with.
    #[must_use]
    pub fn email_login_name(&self) -> &'static str {
        if self.secure { "__Host-email_login" } else { "email_login" }
    }

    /// The name of the cookie of an anonymous reader.
    #[must_use]
    pub fn reader_name(&self) -> &'static str {
        if self.secure { "__Host-reader" } else { "reader" }
    }

    /// The name of the cookie of a sign-in with an OpenID Connect provider.
    #[must_use]
    pub fn oidc_name(&self) -> &'static str {
        if self.secure { "__Host-oidc" } else { "oidc" }
    }
}

pub(super) const ALL: &[&dyn Definition] = &[&SECRET_KEY, &SECRET_KEY_OLD, &COOKIE_SECURE, &ALLOW_INSECURE_COOKIES];

pub(crate) const SECRET_KEY: Optional<SecretKey> = Optional {
    name: "SECRET_KEY",
    about: "Signs cookies and encrypts the seeds of authenticator apps; generate one with `openssl rand -hex 32`. All \
            nodes need the same key. Without `SECRET_KEY_OLD`, changing it signs everyone out, and users with an authenticator app \
            then need a recovery code.",
    values: &Secret(KeyText),
    unset: "generated once and stored in the file `tollgate.key`",
};

pub(crate) const SECRET_KEY_OLD: Optional<SecretKey> = Optional {
    name: "SECRET_KEY_OLD",
    about: "A second key whose cookies are also accepted. After changing `SECRET_KEY`, keep the previous key here for at \
            least as long as `REMEMBER_IDLE`. With several nodes, set it to the next key before the change.",
    values: &Secret(KeyText),
    unset: "none",
};

pub(crate) const COOKIE_SECURE: Setting<bool> = Setting {
    name: "COOKIE_SECURE",
    about: "Whether browsers send the session cookie over HTTPS only. Set it to `true` if the site uses HTTPS; the cookie \
            is then named `__Host-session`.",
    values: &Choice::TRUE_OR_FALSE,
    default: Fixed(|| false),
};

pub(crate) const ALLOW_INSECURE_COOKIES: Setting<bool> = Setting {
    name: "ALLOW_INSECURE_COOKIES",
    about: "Allows `COOKIE_SECURE=false` if `HOST` is not loopback. Use it only to try the server over plain HTTP, where \
            anyone on the network path can read the session cookie.",
    values: &Choice::TRUE_OR_FALSE,
    default: Fixed(|| false),
};
