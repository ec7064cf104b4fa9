//! The key from which all others are derived.

use std::{
    collections::HashSet,
    fmt, fs,
    io::{self, Write},
    path::Path,
};

use data_encoding::HEXLOWER;
use hkdf::Hkdf;
use sha2::Sha256;

use crate::config::{setting::Values, temporary_file};

/// The file for the generated key if `SECRET_KEY` is not set, in the current directory.
pub const KEY_FILE: &str = "tollgate.key";

/// As many characters as the two 256-bit keys have bytes.
const MIN_KEY_LENGTH: usize = 64;

/// The text from which the keys for cookies, seeds, links and gifts are derived. Its `Debug` output does not contain
/// it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(String);

/// Text that is long enough for a key.
pub(in crate::config) struct KeyText;

impl Values<SecretKey> for KeyText {
    fn describe(&self) -> String {
        format!("at least {MIN_KEY_LENGTH} characters")
    }

    fn parse(&self, text: &str) -> Result<SecretKey, String> {
        match text.chars().count() {
            MIN_KEY_LENGTH.. => Ok(SecretKey(text.to_owned())),
            _ => Err(format!("must have {}", self.describe())),
        }
    }
}

impl SecretKey {
    /// Derives the key for one purpose by HKDF (RFC 5869): the keys of other purposes say nothing about it. No salt is
    /// needed, because the text is random.
    #[must_use]
    pub fn derive<const LENGTH: usize>(&self, purpose: &str) -> [u8; LENGTH] {
        const { assert!(LENGTH <= 255 * 32, "HKDF yields up to 255 times the length of a hash") };
        let mut key = [0; LENGTH];
        #[expect(clippy::expect_used, reason = "the length is checked when this is compiled")]
        Hkdf::<Sha256>::new(None, self.0.as_bytes()).expand(purpose.as_bytes(), &mut key).expect("a valid length");
        key
    }

    /// Whether the key has so few distinct characters that it cannot be random.
    #[must_use]
    pub fn is_repetitive(&self) -> bool {
        self.0.chars().collect::<HashSet<_>>().len() < 8
    }

    /// Reads the key from a file.
    ///
    /// # Errors
    /// The file cannot be read, or does not contain a valid key.
    pub fn read(path: &Path) -> io::Result<Self> {
        match fs::read_to_string(path) {
            Ok(text) => KeyText.parse(text.trim()).map_err(io::Error::other),
            // Not `NotFound`: no key can be created at this path, so `doctor` must not announce one.
            Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_symlink() => {
                Err(io::Error::other("is a symbolic link to a file that does not exist"))
            }
            Err(error) => Err(error),
        }
    }

    /// Creates the file with a random key, readable by its owner only. If another process has created it first, returns
    /// the key in it.
    ///
    /// # Errors
    /// The file cannot be written or read.
    pub fn create(path: &Path) -> io::Result<Self> {
        create(path)?;
        Self::read(path)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// Writes a temporary file and moves it into place, so that two processes that start at once both read the same
/// complete key, and a crash leaves none that is empty.
fn create(path: &Path) -> io::Result<()> {
    let mut random = [0_u8; 48];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let key = HEXLOWER.encode(&random);

    let mut temporary = temporary_file::beside(path)?;
    temporary.write_all(key.as_bytes())?;
    match temporary_file::persist(temporary, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
