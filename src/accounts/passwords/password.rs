//! Passwords as defined by RFC 8265, and the rules for choosing one.

use std::{cmp::Ordering, fmt};

use crate::accounts::{Username, precis};

const MAX_CHARACTERS: usize = 256;

/// A password in normalised form: RFC 8265's `OpaqueString`, extended to every assigned character. Its `Debug` output
/// reveals nothing of it.
#[derive(Clone)]
pub struct Password {
    enforced: String,
    typed: String,
}

impl Password {
    /// Parses a password as typed. Returns `None` if no account can have it.
    #[must_use]
    pub fn given(text: &str) -> Option<Self> {
        let enforced = precis::opaque_string(text).ok()?;
        let is_possible = !enforced.is_empty() && enforced.chars().nth(MAX_CHARACTERS).is_none();
        is_possible.then(|| Self::new(&enforced, text))
    }

    /// Validates a password that a user chooses for an account. The rules follow NIST SP 800-63B: a minimum length, no
    /// required kinds of characters, and no common passwords.
    ///
    /// # Errors
    /// A message for people that says what is wrong.
    pub fn choose(text: &str, min_length: usize, username: Option<&Username>) -> Result<Self, String> {
        let password = precis::opaque_string(text)?;
        let length = password.chars().count();
        if length < min_length {
            return Err(format!("must have at least {min_length} characters"));
        }
        if length > MAX_CHARACTERS {
            // Normalisation makes some texts longer: this one may have had fewer characters when it was typed.
            return Err(format!("must have at most {MAX_CHARACTERS} characters, counted in Unicode's normal form C"));
        }
        let folded = password.to_lowercase();
        if username.is_some_and(|name| folded == name.key || folded == name.original.to_lowercase()) {
            return Err("must not be the username".to_owned());
        }
        if is_common(&password) || is_common(&folded) {
            return Err("is one of the most common passwords".to_owned());
        }
        Ok(Self::new(&password, text))
    }

    /// A password that no account has, for a check that takes as long as one of a possible password.
    pub(in crate::accounts) fn impossible() -> Self {
        Self::new("", "")
    }

    fn new(enforced: &str, typed: &str) -> Self {
        Self { enforced: enforced.to_owned(), typed: typed.to_owned() }
    }

    pub(in crate::accounts) fn as_bytes(&self) -> &[u8] {
        self.enforced.as_bytes()
    }

    /// The password as other programs hash it.
    pub(in crate::accounts) fn typed(&self) -> &str {
        &self.typed
    }
}

/// One per line, sorted. About 47,000 of them have eight characters or more.
const COMMON: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/common_passwords.txt"));

fn is_common(password: &str) -> bool {
    let mut list = COMMON;
    while !list.is_empty() {
        let (before, after) = list.split_at(list.len() / 2);
        let start = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
        let end = memchr::memchr(b'\n', after).map_or(list.len(), |end| before.len() + end);
        let (before, middle, after) = (list.get(..start), list.get(start..end), list.get(end + 1..));
        list = match middle.cmp(&Some(password.as_bytes())) {
            Ordering::Less => after,
            Ordering::Equal => return true,
            Ordering::Greater => before,
        }
        .unwrap_or_default();
    }
    false
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(text: &str) -> Result<Password, String> {
        Password::choose(text, 8, Username::parse("Grace.Hopper").ok().as_ref())
    }

    #[test]
    fn a_password_has_8_to_256_characters_regardless_of_their_bytes() {
        assert!(choose("rhubarb").is_err());
        assert!(choose("rhübarb8").is_ok());
        assert!(choose(&"ü".repeat(256)).is_ok());
        assert!(choose(&"a".repeat(257)).is_err());
        assert!(choose("").is_err());
        assert!(
            choose(&"\u{958}".repeat(200)).is_err(),
            "each character becomes two, so this password could never be accepted at login"
        );
    }

    #[test]
    fn everything_that_a_keyboard_types_is_allowed() {
        let (family, flag, wales) = ("👨‍👩‍👧‍👦", "🇫🇷", "\u{1f3f4}\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}");
        let (tone, sign, digit) = ("👍🏽", "☮\u{fe0f}", "1\u{fe0f}\u{20e3}");
        for typed in
            ["newts ☺", family, flag, wales, tone, sign, digit, "🫪🫩🛘", "\u{f8ff}", "می\u{200c}خواهم", "ᄒ\u{11a8}"]
        {
            assert!(choose(&typed.repeat(8)).is_ok(), "{typed}");
        }
        let reserved_for_emoji = "\u{1fbff}\u{1fc00}".chars().find(|c| choose(&c.to_string().repeat(8)).is_ok());
        assert_eq!(reserved_for_emoji, Some('\u{1fc00}'));
    }

    #[test]
    fn every_rule_has_its_own_message() {
        let long = "a".repeat(257);
        for (text, reason) in [
            ("rhubarb", "must have at least 8 characters"),
            ("", "must have at least 8 characters"),
            (&long, "must have at most 256 characters, counted in Unicode's normal form C"),
            ("four\0newts", "must not contain control characters"),
            ("four\nnewts", "must not contain control characters"),
            ("four\u{85}newts", "must not contain control characters"),
            ("four\u{378}newts", "must not contain characters that are not assigned in Unicode"),
            ("four\u{ffff}newts", "must not contain characters that are not assigned in Unicode"),
            ("Grace.Hopper", "must not be the username"),
            ("Password", "is one of the most common passwords"),
        ] {
            assert_eq!(choose(text).err().as_deref(), Some(reason), "{text:?}");
        }
    }

    #[test]
    fn all_spaces_are_equivalent() {
        let bytes = |text: &str| Password::given(text).expect("a password").as_bytes().to_owned();
        assert_eq!(bytes("four\u{a0}sneaky\u{3000}newts"), b"four sneaky newts");
    }

    #[test]
    fn composed_and_decomposed_characters_are_equivalent() {
        let bytes = |text: &str| Password::given(text).expect("a password").as_bytes().to_owned();
        assert_eq!(bytes("caf\u{e9} au lait"), bytes("cafe\u{301} au lait"));
        assert_ne!(bytes("Trombone8"), bytes("trombone8"));
    }

    #[test]
    fn each_password_of_the_list_is_common_and_longer_ones_are_not() {
        let list = str::from_utf8(COMMON).expect("UTF-8");
        assert!(list.lines().all(is_common));
        assert_eq!(list.lines().filter(|password| password.chars().count() >= 8).count(), 47_324);
        for unknown in ["", "\n", "123456\n", "password\npassword1", "!!", "~", "password\u{1}"] {
            assert!(!is_common(unknown), "{unknown:?}");
        }
    }

    #[test]
    fn the_username_and_common_passwords_are_refused_whatever_their_case() {
        for wrong in ["grace.hopper", "GRACE.hopper", "password", "PassWord", "12345678", "iloveyou1", "qwertyuiop"] {
            assert!(choose(wrong).is_err(), "{wrong}");
        }
    }
}
