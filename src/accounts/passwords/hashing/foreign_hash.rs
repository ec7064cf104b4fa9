//! Password hashes created by other programs. They are verified as they are, so that users can be imported.

use argon2::{
    Argon2, Params, PasswordVerifier, Version,
    password_hash::{self, phc::PasswordHash},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use data_encoding::HEXLOWER;
use md5::{Digest, Md5};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The maximum memory of a hash in KiB: eight times the defaults of the supported programs.
const MAX_MEMORY: u64 = 256 * 1024;

/// The maximum memory that a hash may process in all its passes, in KiB.
const MAX_WORK: u64 = 16 * MAX_MEMORY;

/// The maximum number of PBKDF2 rounds. Django's default grows by about a third a year; it was 1,500,000 in 2026.
const MAX_ROUNDS: u32 = 10_000_000;

/// Why a stored hash cannot be used; the message is written for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Damaged, created by an unsupported program, or not a hash.
    #[error("has an unknown format")]
    Unknown,
    /// A guess would occupy a thread for hours, or memory that others need.
    #[error("takes too much memory or time")]
    Expensive,
}

/// A parsed hash of another program.
pub(in crate::accounts) enum ForeignHash<'a> {
    Argon2(Box<PasswordHash>),
    Pbkdf2 {
        rounds: u32,
        salt: &'a str,
        derived: [u8; 32],
    },
    Scrypt {
        parameters: scrypt::Params,
        salt: &'a str,
        derived: [u8; 64],
    },
    /// phpass, which WordPress used before version 6.8. `encoded` has the salt's and the digest's letters.
    Phpass {
        rounds: u32,
        salt: &'a str,
        encoded: &'a str,
    },
}

impl<'a> ForeignHash<'a> {
    /// Parses a hash without computing anything.
    ///
    /// # Errors
    /// The format is unknown, or the hash would need excessive memory or time.
    pub(in crate::accounts) fn parse(stored: &'a str) -> Result<Self, Unusable> {
        let parsed = if stored.starts_with("$argon2id$") {
            argon2(stored)
        } else if let Some(parameters) = stored.strip_prefix("pbkdf2_sha256$") {
            django(parameters)
        } else if let Some(parameters) = stored.strip_prefix("pbkdf2:sha256:") {
            werkzeug_pbkdf2(parameters)
        } else if let Some(parameters) = stored.strip_prefix("scrypt:") {
            werkzeug_scrypt(parameters)
        } else if let Some(parameters) = stored.strip_prefix("$P$").or_else(|| stored.strip_prefix("$H$")) {
            phpass(parameters)
        } else {
            None
        };
        parsed.unwrap_or(Err(Unusable::Unknown))
    }

    /// Returns whether this is the stored password, or `None` if the memory for the computation cannot be allocated.
    /// `password` must be as typed, because other programs hash it without normalisation.
    pub(in crate::accounts) fn verify(&self, password: &str) -> Option<bool> {
        let password = password.as_bytes();
        match self {
            Self::Argon2(stored) => match Argon2::default().verify_password(password, &**stored) {
                Ok(()) => Some(true),
                Err(password_hash::Error::PasswordInvalid) => Some(false),
                Err(_) => None,
            },
            Self::Pbkdf2 { rounds, salt, derived } => {
                let given = pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(password, salt.as_bytes(), *rounds);
                Some(given.ct_eq(derived).into())
            }
            Self::Scrypt { parameters, salt, derived } => {
                let mut given = [0_u8; 64];
                scrypt::scrypt(password, salt.as_bytes(), parameters, &mut given).ok()?;
                Some(given.ct_eq(derived).into())
            }
            Self::Phpass { rounds, salt, encoded } => {
                let password = trimmed(password);
                let mut digest = Md5::new().chain_update(salt).chain_update(password).finalize();
                for _ in 0..*rounds {
                    digest = Md5::new().chain_update(digest).chain_update(password).finalize();
                }
                Some(phpass_letters(&digest).as_bytes().ct_eq(encoded.as_bytes()).into())
            }
        }
    }
}

/// The password as WordPress hashes it: PHP's `trim` has removed these bytes.
pub(in crate::accounts) fn trimmed(password: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0 | 0x0b);
    let start = password.iter().position(|byte| !is_space(byte)).unwrap_or(password.len());
    let end = password.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last + 1);
    password.get(start..end).unwrap_or_default()
}

/// `None` if the format is a different one.
type Parsed<'a> = Option<Result<ForeignHash<'a>, Unusable>>;

fn argon2<'a>(stored: &str) -> Parsed<'a> {
    let stored = PasswordHash::new(stored).ok()?;
    let parameters = Params::try_from(&stored).ok()?;
    // These would also make the verification fail.
    let is_known = stored.version.is_none_or(|version| Version::try_from(version).is_ok());
    let is_complete = stored.salt.is_some() && stored.hash.is_some();
    if !is_known || !is_complete {
        return None;
    }
    let (memory, passes) = (u64::from(parameters.m_cost()), u64::from(parameters.t_cost()));
    if memory > MAX_MEMORY || memory * passes > MAX_WORK {
        return Some(Err(Unusable::Expensive));
    }
    Some(Ok(ForeignHash::Argon2(Box::new(stored))))
}

/// `<rounds>$<salt>$<base64>`
fn django(parameters: &str) -> Parsed<'_> {
    let (rounds, salt, derived) = split_in_three(parameters)?;
    let derived = BASE64_STANDARD.decode(derived).ok()?.try_into().ok()?;
    pbkdf2(rounds, salt, derived)
}

/// `<rounds>$<salt>$<hexadecimal>`
fn werkzeug_pbkdf2(parameters: &str) -> Parsed<'_> {
    let (rounds, salt, derived) = split_in_three(parameters)?;
    let derived = HEXLOWER.decode(derived.as_bytes()).ok()?.try_into().ok()?;
    pbkdf2(rounds, salt, derived)
}

fn pbkdf2<'a>(rounds: &str, salt: &'a str, derived: [u8; 32]) -> Parsed<'a> {
    let rounds: u64 = rounds.parse().ok().filter(|rounds| *rounds > 0)?;
    let rounds = u32::try_from(rounds).ok().filter(|rounds| *rounds <= MAX_ROUNDS);
    Some(rounds.map(|rounds| ForeignHash::Pbkdf2 { rounds, salt, derived }).ok_or(Unusable::Expensive))
}

/// `<n>:<r>:<p>$<salt>$<hexadecimal>`
fn werkzeug_scrypt(parameters: &str) -> Parsed<'_> {
    let (cost, salt, derived) = split_in_three(parameters)?;
    let (n, r, p) = split_in_three_by(cost, ':')?;
    let n: u64 = n.parse().ok().filter(|n: &u64| n.is_power_of_two())?;
    let (r, p): (u32, u32) = (r.parse().ok()?, p.parse().ok()?);
    let derived = HEXLOWER.decode(derived.as_bytes()).ok()?.try_into().ok()?;
    let memory = n.saturating_mul(u64::from(r)) / 8;
    // The `p` lanes are each as long as one block of the memory, and are all allocated at the same time.
    if memory > MAX_MEMORY || memory.max(1) * u64::from(p) > MAX_WORK || u64::from(r) * u64::from(p) > MAX_MEMORY {
        return Some(Err(Unusable::Expensive));
    }
    let parameters = scrypt::Params::new(u8::try_from(n.ilog2()).ok()?, r, p).ok()?;
    Some(Ok(ForeignHash::Scrypt { parameters, salt, derived }))
}

/// The letters of phpass for numbers below 64.
const PHPASS_LETTERS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// One letter for the rounds as a power of two, 8 of salt, and 22 of the digest.
fn phpass(parameters: &str) -> Parsed<'_> {
    let is_letter = |byte: u8| PHPASS_LETTERS.contains(&byte);
    if parameters.len() != 31 || !parameters.bytes().all(is_letter) {
        return None;
    }
    let (head, encoded) = parameters.split_at_checked(9)?;
    let (first, salt) = head.split_at_checked(1)?;
    let power = PHPASS_LETTERS.iter().position(|letter| first.as_bytes() == [*letter])?;
    // phpass itself accepts no others.
    let rounds = u32::try_from(power).ok().filter(|power| (7..=30).contains(power)).map(|power| 1_u32 << power)?;
    let is_bearable = rounds <= MAX_ROUNDS;
    Some(if is_bearable { Ok(ForeignHash::Phpass { rounds, salt, encoded }) } else { Err(Unusable::Expensive) })
}

/// Base64 with the least significant bits first, of each three bytes.
fn phpass_letters(digest: &[u8]) -> String {
    let letter = |value: u32, shift: u32| {
        let index = usize::try_from(value >> shift & 63).unwrap_or_default();
        char::from(PHPASS_LETTERS.get(index).copied().unwrap_or_default())
    };
    let letters = digest.chunks(3).flat_map(|bytes| {
        let value = bytes.iter().rev().fold(0_u32, |value, byte| value << 8 | u32::from(*byte));
        (0..=bytes.len()).zip([0, 6, 12, 18]).map(move |(_, shift)| letter(value, shift))
    });
    letters.collect()
}

fn split_in_three(text: &str) -> Option<(&str, &str, &str)> {
    split_in_three_by(text, '$')
}

fn split_in_three_by(text: &str, separator: char) -> Option<(&str, &str, &str)> {
    let mut parts = text.split(separator);
    let three = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some(three)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Replaces the placeholders `HEX32`, `HEX64` and `BASE64` with checksums of the right length.
    fn error(stored: &str) -> Option<Unusable> {
        let stored = stored.replace("HEX32", &"0".repeat(64)).replace("HEX64", &"0".repeat(128));
        ForeignHash::parse(&stored.replace("BASE64", &format!("{}=", "A".repeat(43)))).err()
    }

    #[test]
    fn malformed_and_unsupported_hashes_are_rejected() {
        for stored in [
            "",
            "x",
            "pbkdf2:sha256:",
            "pbkdf2:sha256:0$salt$HEX32",
            "pbkdf2:sha256:1000$salt",
            "pbkdf2:sha256:1000$salt$00",
            "pbkdf2:sha256:1000$salt$HEX64",
            "pbkdf2:sha256:1000$salt$HEX32$HEX32",
            "pbkdf2:md5:1000$salt$HEX32",
            "pbkdf2_sha256$-1$salt$BASE64",
            "pbkdf2_sha256$1000$salt$AA==",
            "pbkdf2_sha256$1000$salt$HEX32",
            "scrypt:3:8:1$salt$HEX64",
            "scrypt:1024:8$salt$HEX64",
            "scrypt:1024:8:1$salt$HEX32",
            "$argon2id$",
            "$argon2id$v=19$m=64,t=1,p=2$salt$",
            "$argon2id$v=19$m=64,t=1,p=2$+xn+Lvmo4kLD5d2sM6RuDQ",
            "$argon2id$v=20$m=64,t=1,p=2$+xn+Lvmo4kLD5d2sM6RuDQ$Tj8hGGtMb26gm6LVIhMTE9H107YhDBq+R3BlTtmbJ1U",
            "$argon2i$v=19$m=64,t=1,p=2$+xn+Lvmo4kLD5d2sM6RuDQ$Tj8hGGtMb26gm6LVIhMTE9H107YhDBq+R3BlTtmbJ1U",
            "plain$four sneaky newts",
            "$P$",
            "$P$B12345678aaaaaaaaaaaaaaaaaaaaa",
            "$P$B12345678aaaaaaaaaaaaaaaaaaaaaaa",
            "$P$B1234567$aaaaaaaaaaaaaaaaaaaaaa",
            "$P$.12345678aaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert_eq!(error(stored), Some(Unusable::Unknown), "{stored}");
        }
    }

    #[test]
    fn hashes_are_accepted_up_to_the_limits_on_memory_and_time() {
        for (within, beyond) in [
            ("pbkdf2:sha256:10000000$salt$HEX32", "pbkdf2:sha256:10000001$salt$HEX32"),
            ("$P$L12345678aaaaaaaaaaaaaaaaaaaaaa", "$P$M12345678aaaaaaaaaaaaaaaaaaaaaa"),
            ("pbkdf2_sha256$10000000$salt$BASE64", "pbkdf2_sha256$4000000000$salt$BASE64"),
            ("pbkdf2_sha256$1$salt$BASE64", "pbkdf2_sha256$5000000000$salt$BASE64"),
            ("scrypt:1024:8:1$salt$HEX64", "scrypt:9223372036854775808:8:1$salt$HEX64"),
            ("scrypt:1024:8:1$salt$HEX64", "scrypt:1024:4294967295:4294967295$salt$HEX64"),
            ("scrypt:2:1:262144$salt$HEX64", "scrypt:2:1:1073741823$salt$HEX64"),
            ("scrypt:2:262144:1$salt$HEX64", "scrypt:2:1073741823:1$salt$HEX64"),
            ("scrypt:262144:8:1$salt$HEX64", "scrypt:2147483648:8:1$salt$HEX64"),
            ("scrypt:262144:8:1$salt$HEX64", "scrypt:524288:8:1$salt$HEX64"),
            ("scrypt:32768:8:128$salt$HEX64", "scrypt:32768:8:129$salt$HEX64"),
            (
                "$argon2id$v=19$m=262144,t=1,p=1$c29tZXNhbHQ$Tj8hGGtMb26gm6LVIhMTE9H107YhDBq+R3BlTtmbJ1U",
                "$argon2id$v=19$m=262145,t=1,p=1$c29tZXNhbHQ$Tj8hGGtMb26gm6LVIhMTE9H107YhDBq+R3BlTtmbJ1U",
            ),
            (
                "$argon2id$v=19$m=65536,t=64,p=1$c29tZXNhbHQ$Tj8hGGtMb26gm6LVIhMTE9H107YhDBq+R3BlTtmbJ1U",
                "$argon2id$v=19$m=65536,t=65,p=1$c29tZXNhbHQ$Tj8hGGtMb26gm6LVIhMTE9H107YhDBq+R3BlTtmbJ1U",
            ),
        ] {
            assert_eq!(error(within), None, "{within}");
            assert_eq!(error(beyond), Some(Unusable::Expensive), "{beyond}");
        }
    }
}
