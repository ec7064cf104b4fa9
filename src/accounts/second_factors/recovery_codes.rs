//! Codes for users who have lost their second factor.

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

use crate::{
    base::secrets,
    credentials::recovery_codes::{self, CodeHash},
    db::{DbError, Tx},
};

/// The number of codes in a set.
const CODES: usize = 10;

/// If this many or fewer are left, the user is notified.
pub(super) const FEW: i64 = 3;

/// 120 random bits are 24 letters of base 32. From 112 bits on, a plain hash suffices (OWASP ASVS 5.0, 6.5.2).
const BYTES: usize = 15;

/// Replaces the codes of a user, and returns the new ones, of which only hashes are stored.
pub(super) fn replace(tx: &mut Tx<'_>, user_id: i64) -> Result<Vec<String>, DbError> {
    let codes = (0..CODES).map(|_| generate()).collect::<Result<Vec<_>, _>>()?;
    let hashes: Vec<_> = codes.iter().map(|code| hash(code)).collect();
    recovery_codes::replace(tx, user_id, &hashes)?;
    Ok(codes)
}

/// Unlike a password, a random code needs neither a slow hash nor a salt. Codes may be typed in capitals, and with or
/// without hyphens and spaces.
pub(super) fn hash(code: &str) -> CodeHash {
    let letters = code.chars().filter(|letter| !letter.is_whitespace() && *letter != '-');
    let plain: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    Sha256::digest(plain.as_bytes()).into()
}

/// Such as `mzxw-6ytb-oi3d-kmrv-nb2w-45dp`.
fn generate() -> Result<String, DbError> {
    let letters = BASE32_NOPAD.encode(&secrets::random_bytes::<BYTES>()?).to_ascii_lowercase();
    let groups: Vec<_> = letters.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    Ok(groups.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_120_bits_and_may_be_typed_in_several_ways() {
        let code = generate().expect("random numbers");
        assert!(code.len() == 29 && code.split('-').all(|group| group.len() == 4), "{code}");
        for typed in [code.to_uppercase(), code.replace('-', ""), code.replace('-', " "), format!(" {code} ")] {
            assert_eq!(hash(&typed), hash(&code), "{typed}");
        }
        assert_ne!(hash(&generate().expect("random numbers")), hash(&code));
    }
}
