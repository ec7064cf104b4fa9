//! The text of a token that a program sends: a prefix for its kind, random letters, and a checksum.
//!
//! The prefix and the checksum let programs that search code for secrets recognize a token without asking the server,
//! and let the server refuse anything else without a query.

use rand::distr::{Alphanumeric, SampleString};
use sha2::{Digest, Sha256};

use crate::base::secrets;

/// SHA-256 of a token.
type TokenHash = [u8; 32];

/// 256.03 bits: each letter is one of 62.
const RANDOM_LENGTH: usize = 43;

/// 62⁶ is more than 2³².
const CHECKSUM_LENGTH: usize = 6;

const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A token's text. It is shown once.
#[expect(missing_debug_implementations, reason = "the token must not be shown")]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        secrets::digest(&self.0)
    }

    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

/// A new token with this prefix.
pub(super) fn generate(prefix: &str) -> Secret {
    let mut token = prefix.to_owned();
    Alphanumeric.append_string(&mut rand::rng(), &mut token, RANDOM_LENGTH);
    let checksum = checksum(&token);
    token.push_str(&checksum);
    Secret(token)
}

/// The hash to look up, or `None` if the text is no token with this prefix. Unlike a password, a random token needs neither a slow hash
/// nor a salt.
pub(super) fn parse(prefix: &str, text: &str) -> Option<TokenHash> {
    let is_long_enough = text.len() == prefix.len() + RANDOM_LENGTH + CHECKSUM_LENGTH;
    let (rest, check) = text.split_at_checked(text.len().checked_sub(CHECKSUM_LENGTH)?)?;
    let is_token = is_long_enough && rest.starts_with(prefix) && checksum(rest) == check;
    is_token.then(|| secrets::digest(text))
}

/// The first 32 bits of the SHA-256 hash, in base 62.
fn checksum(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let mut number = digest.iter().take(4).fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    let mut letters = Vec::with_capacity(CHECKSUM_LENGTH);
    for _ in 0..CHECKSUM_LENGTH {
        let letter = usize::try_from(number % 62).ok().and_then(|letter| LETTERS.get(letter));
        letters.push(char::from(letter.copied().unwrap_or_default()));
        number /= 62;
    }
    letters.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREFIX: &str = "tgt_";

    #[test]
    fn a_generated_token_is_recognized_and_a_changed_one_is_not() {
        let token = generate(PREFIX).0;
        assert_eq!(token.len(), 53);
        assert_eq!(parse(PREFIX, &token), Some(secrets::digest(&token)));
        assert_eq!(parse("tgs_", &token), None, "of another kind");
        let letter = |place: usize| if token.as_bytes()[place] == b'a' { "b" } else { "a" };
        for place in 0..token.len() {
            let mut changed = token.clone();
            changed.replace_range(place..=place, letter(place));
            assert_eq!(parse(PREFIX, &changed), None, "letter {place}");
        }
    }

    #[test]
    fn anything_else_is_no_token() {
        for text in ["", "tgt_", "a", "tgt_ü", &"ü".repeat(27), &"a".repeat(53), &"tgt_".repeat(100)] {
            assert_eq!(parse(PREFIX, text), None, "{text}");
        }
    }

    #[test]
    fn the_checksum_never_changes() {
        // Tokens that were issued must stay valid.
        assert_eq!(checksum("tgt_0123456789abcdefghijABCDEFGHIJ0123456789abc"), "2qvjoB");
    }

    #[test]
    fn two_tokens_differ() {
        assert_ne!(generate(PREFIX).0, generate(PREFIX).0);
    }
}
