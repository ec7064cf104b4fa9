//! Passwords by RFC 8265, and which of them may be chosen.

use std::fmt;

use precis_profiles::{OpaqueString, precis_core::profile::PrecisFastInvocation};

use super::Username;

const MOST_CHARACTERS: usize = 256;

/// A password in the form that is compared: `OpaqueString`, RFC 8265 section 4.2. Its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Password {
    enforced: String,
    typed: String,
}

impl Password {
    /// Takes a password as it was typed; `None` where no account can have such a one.
    #[must_use]
    pub fn given(text: &str) -> Option<Self> {
        let enforced = OpaqueString::enforce(text).ok()?;
        enforced.chars().nth(MOST_CHARACTERS).is_none().then(|| Self::new(&enforced, text))
    }

    /// Takes a password that somebody chooses for an account. The rules are NIST SP 800-63B's: a length, no list of
    /// kinds of characters, and none that everybody tries first.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn choose(text: &str, min_length: usize, username: Option<&Username>) -> Result<Self, String> {
        let length = || format!("must have {min_length} to {MOST_CHARACTERS} characters");
        if text.is_empty() {
            return Err(length());
        }
        let password = OpaqueString::enforce(text).map_err(|_| "must not hold control characters")?;
        if !(min_length..=MOST_CHARACTERS).contains(&password.chars().count()) {
            return Err(length());
        }
        let folded = password.to_lowercase();
        if username.is_some_and(|name| folded == name.key || folded == name.shown.to_lowercase()) {
            return Err("must not be the username".to_owned());
        }
        if is_common(&password) || is_common(&folded) {
            return Err("is one of the most common passwords".to_owned());
        }
        Ok(Self::new(&password, text))
    }

    /// One that no account has, to spend on it the time that a possible one takes.
    pub(super) fn impossible() -> Self {
        Self::new("", "")
    }

    fn new(enforced: &str, typed: &str) -> Self {
        Self { enforced: enforced.to_owned(), typed: typed.to_owned() }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.enforced.as_bytes()
    }

    /// As other programs hash it.
    pub(super) fn typed(&self) -> &str {
        &self.typed
    }
}

/// About 47,000 of the list's passwords have eight characters or more.
fn is_common(password: &str) -> bool {
    passwords::analyzer::is_common_password(password)
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
    fn a_password_has_8_to_256_characters_whatever_their_bytes() {
        assert!(choose("rhubarb").is_err());
        assert!(choose("rhübarb8").is_ok());
        assert!(choose(&"ü".repeat(256)).is_ok());
        assert!(choose(&"a".repeat(257)).is_err());
        assert!(choose("").is_err());
        assert!(choose(&"\u{958}".repeat(200)).is_err(), "each becomes two, and it could never be given again");
    }

    #[test]
    fn spaces_and_any_letters_are_fine_but_controls_are_not() {
        assert!(choose("four sneaky newts ☺").is_ok());
        assert!(choose("four\0newts").is_err());
        assert!(choose("four\nnewts").is_err());
    }

    #[test]
    fn one_password_typed_on_two_keyboards_is_the_same() {
        let bytes = |text: &str| Password::given(text).expect("a password").as_bytes().to_owned();
        assert_eq!(bytes("caf\u{e9} au lait"), bytes("cafe\u{301} au lait"));
        assert_ne!(bytes("Trombone8"), bytes("trombone8"));
    }

    #[test]
    fn the_username_and_common_passwords_are_refused_whatever_their_case() {
        for wrong in ["grace.hopper", "GRACE.hopper", "password", "PassWord", "12345678", "iloveyou1", "qwertyuiop"] {
            assert!(choose(wrong).is_err(), "{wrong}");
        }
    }
}
