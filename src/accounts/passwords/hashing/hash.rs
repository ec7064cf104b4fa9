//! Stored password hashes: bcrypt, or for passwords longer than bcrypt supports, bcrypt of a digest. Hashes created by
//! other programs are verified too, and are replaced with this format at the next successful login.

use base64::{
    Engine, alphabet,
    engine::{GeneralPurpose, general_purpose::NO_PAD},
    prelude::BASE64_STANDARD,
};
use bcrypt::{BcryptError, HashParts, Version};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384};

use super::{
    foreign_hash::{ForeignHash, Unusable, trimmed},
    work::Work,
};
use crate::accounts::passwords::Password;

/// The 72 bytes of bcrypt, less the zero byte at the end.
const MAX_BYTES: usize = 71;

/// The length at which bcrypt truncates; other programs let it use the last byte as well.
const TRUNCATED_AT: usize = 72;

/// The tag of passlib's `bcrypt_sha256`, version 2, which is exactly this construction: passlib can verify the hashes
/// stored here. Plain bcrypt would silently truncate the password, and bcrypt over an unkeyed digest can be cracked
/// with lists of such digests that leaked elsewhere ("password shucking").
const LONG_TAG: &str = "$bcrypt-sha256$v=2,t=2b,r=";

/// In front of the bcrypt hashes of WordPress 6.8 and later, which start with `$2y$`.
const WORDPRESS_TAG: &str = "$wp";

/// The lowest cost that bcrypt supports.
const MIN_COST: u32 = 4;

/// The highest cost of an imported hash: 4 seconds of a core.
pub(in crate::accounts) const MAX_FOREIGN_COST: u32 = 16;

/// The base64 alphabet of bcrypt's salts and checksums.
const BCRYPT_BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::BCRYPT, NO_PAD);

/// The length of an encoded bcrypt checksum.
const CHECKSUM_LENGTH: usize = 31;

#[derive(Debug, thiserror::Error)]
pub(in crate::accounts) enum HashError {
    #[error("failed to read random bytes from the system: {0}")]
    Randomness(#[from] getrandom::Error),
    #[error(transparent)]
    Bcrypt(#[from] BcryptError),
}

/// Hashes a password for storage.
///
/// # Errors
/// The system provides no random bytes, or the cost is out of range.
pub(in crate::accounts) fn hash(password: &Password, cost: u32) -> Result<String, HashError> {
    let mut salt = [0_u8; 16];
    getrandom::fill(&mut salt)?;
    if password.as_bytes().len() <= MAX_BYTES {
        let parts = bcrypt::non_truncating_hash_with_salt(password.as_bytes(), cost, salt)?;
        return Ok(parts.format_for_version(Version::TwoB));
    }
    let salt_text = BCRYPT_BASE64.encode(salt);
    let parts = bcrypt::non_truncating_hash_with_salt(digest(password, &salt_text), cost, salt)?;
    let modular = parts.format_for_version(Version::TwoB);
    let checksum = modular.get(modular.len() - CHECKSUM_LENGTH..).unwrap_or_default();
    Ok(format!("{LONG_TAG}{cost}${salt_text}${checksum}"))
}

/// A parsed stored hash.
enum Stored<'a> {
    Plain {
        modular: &'a str,
        cost: u32,
    },
    /// `modular` is the equivalent plain bcrypt hash, of the digest.
    Long {
        salt: &'a str,
        modular: String,
        cost: u32,
    },
    /// Since version 6.8, WordPress stores bcrypt of a digest.
    WordPress {
        modular: &'a str,
        cost: u32,
    },
    Foreign(ForeignHash<'a>),
}

impl<'a> Stored<'a> {
    /// Parses a stored hash without computing anything.
    ///
    /// # Errors
    /// The format is unknown, or the hash is so much more expensive than `cost` and the hashes of other programs that
    /// verifying it would occupy a thread for hours.
    fn parse(stored: &'a str, cost: u32) -> Result<Self, Unusable> {
        let max = cost.max(MAX_FOREIGN_COST);
        if let Some(parameters) = stored.strip_prefix(LONG_TAG) {
            let (salt, modular) = long(parameters).ok_or(Unusable::Unknown)?;
            let cost = check_bcrypt(&modular, max)?;
            Ok(Self::Long { salt, modular, cost })
        } else if stored.starts_with("$2") {
            check_bcrypt(stored, max).map(|cost| Self::Plain { modular: stored, cost })
        } else if let Some(modular) = stored.strip_prefix(WORDPRESS_TAG) {
            check_bcrypt(modular, max).map(|cost| Self::WordPress { modular, cost })
        } else {
            ForeignHash::parse(stored).map(Self::Foreign)
        }
    }

    fn verify(&self, password: &Password, work: &mut Work) -> Option<bool> {
        match self {
            Self::Plain { modular, cost } => verify_bcrypt(password, modular, *cost, work),
            Self::Long { salt, modular, cost } => {
                work.add_bcrypt(*cost);
                bcrypt::non_truncating_verify(digest(password, salt), modular).ok()
            }
            Self::WordPress { modular, cost } => {
                work.add_bcrypt(*cost);
                bcrypt::non_truncating_verify(wordpress_digest(password.typed()), modular).ok()
            }
            Self::Foreign(stored) => work.measure(|| stored.verify(password.typed())),
        }
    }
}

/// Checks a plain bcrypt hash and returns its cost.
fn check_bcrypt(text: &str, max_cost: u32) -> Result<u32, Unusable> {
    let parts: HashParts = text.parse().map_err(|_| Unusable::Unknown)?;
    match parts.get_cost() {
        cost if cost < MIN_COST => Err(Unusable::Unknown),
        cost if cost > max_cost => Err(Unusable::Expensive),
        cost => Ok(cost),
    }
}

/// Checks whether a stored hash can be verified at all on a server that hashes with this cost. An account with any
/// other hash could never sign in.
///
/// # Errors
/// The hash cannot be verified.
pub(in crate::accounts) fn check(stored: &str, cost: u32) -> Result<(), Unusable> {
    // No program writes a salt with control characters, and PostgreSQL cannot store a zero byte.
    if stored.contains(char::is_control) {
        return Err(Unusable::Unknown);
    }
    Stored::parse(stored, cost).map(drop)
}

/// Returns whether this is the stored password, or `None` if the stored hash cannot be verified. Adds the computation
/// to `work`.
pub(in crate::accounts) fn verify(password: &Password, stored: &str, cost: u32, work: &mut Work) -> Option<bool> {
    Stored::parse(stored, cost).ok()?.verify(password, work)
}

/// Returns whether the stored hash of this password, which has been verified, should be replaced with one of the
/// current format and cost.
///
/// This includes hashes of a higher cost: if their logins took longer than those of an unknown name, they would reveal
/// that the name is registered.
pub(in crate::accounts) fn is_outdated(password: &Password, stored: &str, cost: u32) -> bool {
    let is_plain = stored.starts_with("$2");
    // Another program truncated this password. The rest of what was typed is unverified, so it must not be stored.
    let is_truncated = is_plain && password.as_bytes().len() > TRUNCATED_AT;
    let is_ours = stored.starts_with(&format!("$2b${cost:02}$")) || stored.starts_with(&format!("{LONG_TAG}{cost}$"));
    !is_ours && !is_truncated
}

/// Truncates the password as bcrypt does. Plain bcrypt hashes stored here never belong to a password that long, and
/// other programs truncated it the same way.
fn verify_bcrypt(password: &Password, stored: &str, cost: u32, work: &mut Work) -> Option<bool> {
    for text in spellings(password) {
        work.add_bcrypt(cost);
        if bcrypt::verify(text, stored).ok()? {
            return Some(true);
        }
    }
    Some(false)
}

/// The password as it is stored here, followed by the password as typed if that differs: other programs store the
/// latter.
pub(in crate::accounts) fn spellings(password: &Password) -> impl Iterator<Item = &[u8]> {
    let typed = Some(password.typed().as_bytes()).filter(|typed| *typed != password.as_bytes());
    std::iter::once(password.as_bytes()).chain(typed)
}

/// Returns the salt and the equivalent plain bcrypt hash of `<cost>$<salt>$<checksum>`.
fn long(parameters: &str) -> Option<(&str, String)> {
    let mut parts = parameters.split('$');
    let (cost, salt, checksum) = (parts.next()?, parts.next()?, parts.next()?);
    let cost: u32 = cost.parse().ok()?;
    Some((salt, format!("$2b${cost:02}${salt}{checksum}")))
}

/// A keyed digest of all bytes of the password: 44 characters without a zero byte.
fn digest(password: &Password, salt: &str) -> String {
    #[expect(clippy::expect_used, reason = "RFC 2104: HMAC accepts a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(salt.as_bytes()).expect("a key of any length");
    mac.update(password.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

/// What WordPress hashes instead of the password: <https://make.wordpress.org/core/2025/02/17/wordpress-6-8-will-use-bcrypt-for-password-hashing/>
fn wordpress_digest(password: &str) -> String {
    #[expect(clippy::expect_used, reason = "RFC 2104: HMAC accepts a key of any length")]
    let mut mac = Hmac::<Sha384>::new_from_slice(b"wp-sha384").expect("a key of any length");
    mac.update(trimmed(password.as_bytes()));
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COST: u32 = 4;

    fn is_right(password: &Password, stored: &str) -> bool {
        verify(password, stored, COST, &mut Work::default()) == Some(true)
    }

    fn password(text: &str) -> Password {
        Password::given(text).expect("a password")
    }

    #[test]
    fn a_password_verifies_against_its_own_hash_only() {
        let stored = hash(&password("four sneaky newts"), COST).expect("a hash");
        assert!(stored.starts_with("$2b$04$"), "{stored}");
        assert!(is_right(&password("four sneaky newts"), &stored));
        assert!(!is_right(&password("four sneaky newt"), &stored));
    }

    #[test]
    fn a_long_password_is_compared_up_to_its_last_byte() {
        for length in [70, 71, 72, 73, 255] {
            let (right, wrong) = ("a".repeat(length), "a".repeat(length - 1) + "b");
            let stored = hash(&password(&right), COST).expect("a hash");
            assert!(is_right(&password(&right), &stored), "{length}");
            assert!(!is_right(&password(&wrong), &stored), "{length}");
            assert!(!is_right(&password(&"a".repeat(length + 1)), &stored), "{length}");
            assert_eq!(stored.starts_with(LONG_TAG), length > MAX_BYTES);
        }
    }

    /// Made with Python's passlib 1.7.4 over bcrypt 3.2.2: `bcrypt_sha256.using(rounds=4).hash("ü" * 40)`.
    #[test]
    fn a_hash_created_by_passlib_is_verified() {
        let stored = "$bcrypt-sha256$v=2,t=2b,r=4$wUNt6TFchh/NiVnyxWvM7e$OyRsIQ01pom2ziS3RROq2w.Fl9qJA3u";
        assert!(is_right(&password(&"ü".repeat(40)), stored));
        assert!(!is_right(&password(&"ü".repeat(41)), stored));
    }

    #[derive(serde::Deserialize)]
    struct Vector {
        made_by: String,
        password: String,
        hash: String,
    }

    #[test]
    fn hashes_of_other_programs_are_verified_and_outdated() {
        let vectors = include_str!("../../../../tests/vectors/password_hashes.json");
        let vectors: Vec<Vector> = serde_json::from_str(vectors).expect("vectors");
        for Vector { made_by, password: right, hash } in vectors {
            assert!(is_right(&password(&right), &hash), "{made_by}: {hash}");
            assert!(!is_right(&password(&format!("x{right}")), &hash), "{made_by}: {hash}");
            assert_eq!(check(&hash, COST), Ok(()), "{made_by}: {hash}");
            let is_cut = made_by.ends_with("which cut it");
            assert_eq!(is_outdated(&password(&right), &hash, 5), !is_cut, "{made_by}: {hash}");
        }
    }

    #[test]
    fn a_hash_of_a_different_cost_is_outdated() {
        for right in ["four sneaky newts", &"long ".repeat(20)] {
            let stored = hash(&password(right), COST).expect("a hash");
            assert!(!is_outdated(&password(right), &stored, COST));
            assert!(is_outdated(&password(right), &stored, COST + 1));
        }
    }

    /// RFC 8265 maps a no-break space to a space; other programs do not.
    #[test]
    fn a_password_that_was_hashed_as_typed_is_verified_as_typed() {
        let typed = "four\u{a0}sneaky newts";
        let stored = bcrypt::hash(typed, COST).expect("a hash");
        assert!(is_right(&password(typed), &stored));
        assert!(!is_right(&password("four sneaky newts"), &stored));
    }

    #[test]
    fn a_malformed_hash_matches_no_password() {
        for stored in ["", "x", "$2b$", "$bcrypt-sha256$v=2,t=2b,r=", "$bcrypt-sha256$v=2,t=2b,r=4$a$b$c", "$2b$99$"] {
            assert_eq!(verify(&password("four sneaky newts"), stored, COST, &mut Work::default()), None, "{stored}");
            assert_eq!(check(stored, COST), Err(Unusable::Unknown), "{stored}");
        }
    }

    #[test]
    fn a_hash_that_would_take_hours_is_not_computed() {
        let plain = bcrypt::hash("four sneaky newts", COST).expect("a hash").replace("$04$", "$31$");
        let long = hash(&password(&"long ".repeat(20)), COST).expect("a hash").replace("r=4$", "r=31$");
        for stored in [plain, long] {
            assert_eq!(verify(&password("four sneaky newts"), &stored, COST, &mut Work::default()), None, "{stored}");
            assert_eq!(check(&stored, COST), Err(Unusable::Expensive), "{stored}");
            assert_eq!(check(&stored, 31), Ok(()), "{stored}");
        }
    }

    #[test]
    fn a_hash_created_here_is_usable_and_a_damaged_one_is_not() {
        for right in ["four sneaky newts", &"long ".repeat(20)] {
            let stored = hash(&password(right), COST).expect("a hash");
            assert_eq!(check(&stored, COST), Ok(()), "{stored}");
            for damaged in
                [stored.replace("4$", "3$"), stored.replace("4$", "4$!"), format!("{stored}\0"), stored.to_uppercase()]
            {
                assert_eq!(check(&damaged, COST), Err(Unusable::Unknown), "{damaged}");
            }
        }
        let zero = "pbkdf2_sha256$1000$sa\0lt$I4kFtvt/1kvVsfMHcEW+XejBZwg5Py/C5rkj8aId5A8=";
        assert_eq!(check(zero, COST), Err(Unusable::Unknown));
    }
}
