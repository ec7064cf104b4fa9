//! The session cookie.

use crate::config::{
    setting::{Choice, DefaultValue::Fixed, Definition, Optional, Secret, Setting},
    values::{KeyText, SecretKey},
};

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
