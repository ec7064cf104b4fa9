//! The session cookie: what it is signed with, and where browsers may send it.

use std::{
    collections::HashSet,
    fmt,
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use data_encoding::HEXLOWER;

use super::{server::ServerConfig, settings::Settings};

/// As many characters as the signature's two 256-bit keys have bytes.
const MIN_KEY_LENGTH: usize = 64;

/// The text from which the keys that sign cookies are derived. Its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct SecretKey(String);

/// How the session cookie is made.
#[derive(Clone, Debug)]
pub struct CookieConfig {
    /// What signs it; where it is not set, a key is made and kept in a file.
    pub secret_key: Option<SecretKey>,
    /// What signed it before: such a cookie is taken, and signed anew.
    pub old_secret_key: Option<SecretKey>,
    /// Whether browsers may send it over HTTPS only.
    pub secure: bool,
}

impl CookieConfig {
    pub(super) fn read(settings: &mut Settings, server: &ServerConfig) -> Self {
        let secure = settings.flag("COOKIE_SECURE", false);
        let insecure_allowed = settings.flag("ALLOW_INSECURE_COOKIES", false);
        if !secure && !insecure_allowed && !server.is_loopback() {
            settings.error(
                "COOKIE_SECURE",
                "must be true where HOST is not loopback: over plain HTTP anybody on the way reads the session \
                 (ALLOW_INSECURE_COOKIES=true accepts that)",
            );
        }
        Self {
            secret_key: settings.find("SECRET_KEY", SecretKey::parse),
            old_secret_key: settings.find("SECRET_KEY_OLD", SecretKey::parse),
            secure,
        }
    }

    /// The session cookie's name. `__Host-` makes browsers refuse one that another host or an unsafe page set (RFC
    /// 6265bis).
    #[must_use]
    pub fn name(&self) -> &'static str {
        if self.secure { "__Host-session" } else { "session" }
    }

    /// The name of the cookie that tells in which accounts this browser has been.
    #[must_use]
    pub fn known_browser_name(&self) -> &'static str {
        if self.secure { "__Host-known_browser" } else { "known_browser" }
    }
}

impl SecretKey {
    fn parse(text: &str) -> Result<Self, String> {
        match text.chars().count() {
            MIN_KEY_LENGTH.. => Ok(Self(text.to_owned())),
            _ => Err(format!("must have at least {MIN_KEY_LENGTH} characters")),
        }
    }

    /// The key as bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Whether it has so few different characters that nobody drew it at random.
    #[must_use]
    pub fn is_monotonous(&self) -> bool {
        self.0.chars().collect::<HashSet<_>>().len() < 8
    }

    /// The key that `path` holds.
    ///
    /// # Errors
    /// The file cannot be read, or holds no key.
    pub fn read(path: &Path) -> io::Result<Self> {
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(text.trim()).map_err(io::Error::other),
            // Not `NotFound`: no key can be created in its place, and the doctor must not promise one.
            Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_symlink() => {
                Err(io::Error::other("is a symbolic link to a file that does not exist"))
            }
            Err(error) => Err(error),
        }
    }

    /// The key that `path` holds; where there is no such file, a random one is made and kept there, for its owner only.
    ///
    /// # Errors
    /// Where the file cannot be read or written, or holds no key.
    pub fn load_or_create(path: &Path) -> io::Result<Self> {
        match Self::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create(path)?;
                Self::read(path)
            }
            read => read,
        }
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// Written aside and linked into place: of two processes that start at once both find the one whole key.
fn create(path: &Path) -> io::Result<()> {
    let mut random = [0_u8; 48];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let key = HEXLOWER.encode(&random);

    let aside = path.with_extension(format!("key.{}", std::process::id()));
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?.write_all(key.as_bytes())?;
    let linked = fs::hard_link(&aside, path);
    fs::remove_file(&aside)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}
