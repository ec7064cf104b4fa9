//! Usernames as defined by RFC 8265.

use sha2::{Digest, Sha256};

use crate::{accounts::precis, users::attempts::Subject};

const MAX_CHARACTERS: usize = 64;

/// A username that may be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username {
    pub original: String,
    /// The form used for comparison: `UsernameCaseMapped`, RFC 8265, section 3.3.
    pub key: String,
}

impl Username {
    /// Validates a username.
    ///
    /// # Errors
    /// A message for people that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !has_valid_length(text) {
            return Err(format!("must have 1 to {MAX_CHARACTERS} characters"));
        }
        let key = precis::username_case_mapped(text).map_err(|rejection| rejection.to_string())?;
        Ok(Self { original: text.to_owned(), key })
    }

    /// A name that the user can change later, such as `reader-7k2m9x4c`. Somebody may have it already.
    #[must_use]
    pub fn random() -> Self {
        /// Without letters and digits that look alike. As many as 5 bits have values.
        const LETTERS: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";
        let random: [u8; 8] = rand::random();
        let letter = |byte: u8| char::from(LETTERS.get(usize::from(byte & 31)).copied().unwrap_or(b'2'));
        let name = format!("reader-{}", random.map(letter).iter().collect::<String>());
        // It is its own key.
        Self { original: name.clone(), key: name }
    }

    /// Returns the key for looking up a typed name, or `None` if no account can have it.
    ///
    /// This accepts more than [`Username::parse`]: Unicode occasionally changes the properties of a character, and an
    /// account must remain usable even if its name would be rejected today.
    pub fn lookup_key(text: &str) -> Option<String> {
        // PostgreSQL cannot store U+0000, not even to compare it.
        let is_possible = has_valid_length(text) && !text.contains(char::is_control);
        is_possible.then(|| precis::username_key(text))
    }
}

/// SHA-256 of the key of a name that was entered.
pub(in crate::accounts) type AccountHash = Subject;

/// The key under which attempts on a name are counted, whether or not an account has the name. It is a hash because
/// people type passwords into the wrong field.
pub(in crate::accounts) fn account_hash(name: &str) -> AccountHash {
    let key = Username::lookup_key(name).unwrap_or_else(|| name.to_owned());
    Sha256::digest(key.as_bytes()).into()
}

fn has_valid_length(text: &str) -> bool {
    !text.is_empty() && text.chars().nth(MAX_CHARACTERS).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_only_in_case_or_width_are_equal() {
        for spelling in ["Ada", "ADA", "ada", "ＡＤＡ"] {
            assert_eq!(Username::parse(spelling).expect("a name").key, "ada", "{spelling}");
        }
        assert_eq!(Username::parse("Ada").expect("a name").original, "Ada");
    }

    #[test]
    fn composed_and_decomposed_letters_are_equal() {
        let composed = Username::parse("zo\u{eb}").expect("a name");
        assert_eq!(composed.key, Username::parse("zoe\u{308}").expect("a name").key);
    }

    #[test]
    fn a_name_has_1_to_64_characters_regardless_of_their_bytes() {
        assert!(Username::parse("").is_err());
        assert!(Username::parse(&"ü".repeat(64)).is_ok());
        assert!(Username::parse(&"a".repeat(65)).is_err());
    }

    #[test]
    fn every_rule_has_its_own_message() {
        let direction = Username::parse("ada\u{5d0}").expect_err("two directions");
        for (name, reason) in [
            ("a b", "must not contain spaces"),
            ("a\u{a0}b", "must not contain spaces"),
            ("a\0", "must not contain control characters"),
            ("a\u{378}", "must not contain U+0378, which is not assigned in Unicode"),
            ("\u{202e}abc", "must not contain invisible characters (U+202E)"),
            ("a\u{200d}b", "must not contain invisible characters (U+200D)"),
            ("ada☺", "must not contain emoji or other symbols outside ASCII (U+263A)"),
            ("o’brien", "must not contain punctuation outside ASCII (U+2019)"),
            ("ﬁn", "must not contain compatibility characters (U+FB01); use the plain characters instead"),
            ("a·b", "must not contain U+00B7 in this position"),
            ("a\u{e000}", "must not contain U+E000"),
            ("\u{5d0}1\u{661}", direction.as_str()),
            ("\u{5d0}.", direction.as_str()),
        ] {
            assert_eq!(Username::parse(name).err().as_deref(), Some(reason), "{name:?}");
        }
        assert!(direction.starts_with("contains right-to-left characters"));
    }

    #[test]
    fn recent_letters_and_marks_within_a_name_are_allowed() {
        for name in
            ["\u{1e900}\u{1e943}", "\u{16e40}", "\u{5e9}\u{5b8}\u{5dc}\u{5d5}\u{5b9}\u{5dd}", "o'brien+1", "col·lega"]
        {
            assert!(Username::parse(name).is_ok(), "{name}");
        }
        assert_eq!(Username::parse("\u{1e900}").expect("a name").key, "\u{1e922}", "Adlam has upper and lower case");
    }

    #[test]
    fn a_name_that_would_be_rejected_today_can_still_be_looked_up() {
        let stored = "\u{5d0}\u{1b3a}";
        assert!(Username::parse(stored).is_err());
        assert_eq!(Username::lookup_key(stored).as_deref(), Some(stored));
        assert_eq!(Username::lookup_key("Ada").as_deref(), Some("ada"));
        for impossible in ["", "a\0", &"a".repeat(65)] {
            assert_eq!(Username::lookup_key(impossible), None);
        }
    }
}
