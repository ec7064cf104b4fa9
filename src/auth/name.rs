//! Usernames by RFC 8265.

use precis_profiles::{UsernameCaseMapped, precis_core::profile::PrecisFastInvocation};

const MOST_CHARACTERS: usize = 64;

/// A name that may be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username {
    /// As typed.
    pub shown: String,
    /// As compared: `UsernameCaseMapped`, RFC 8265 section 3.3.
    pub key: String,
}

impl Username {
    /// Takes a name as it was typed.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() || text.chars().nth(MOST_CHARACTERS).is_some() {
            return Err("must have 1 to 64 characters");
        }
        let key = UsernameCaseMapped::enforce(text)
            .map_err(|_| "may hold letters, digits and punctuation, but no spaces or control characters")?;
        Ok(Self { shown: text.to_owned(), key: key.into_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_case_or_width_only_are_the_same() {
        for spelling in ["Ada", "ADA", "ada", "ＡＤＡ"] {
            assert_eq!(Username::parse(spelling).expect("a name").key, "ada", "{spelling}");
        }
        assert_eq!(Username::parse("Ada").expect("a name").shown, "Ada");
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same() {
        let composed = Username::parse("zo\u{eb}").expect("a name");
        assert_eq!(composed.key, Username::parse("zoe\u{308}").expect("a name").key);
    }

    #[test]
    fn a_name_has_1_to_64_characters_whatever_their_bytes() {
        assert!(Username::parse("").is_err());
        assert!(Username::parse(&"ü".repeat(64)).is_ok());
        assert!(Username::parse(&"a".repeat(65)).is_err());
    }

    #[test]
    fn spaces_controls_and_symbols_that_deceive_are_refused() {
        for wrong in ["a b", " a", "a\0", "a\n", "\u{202e}abc", "a\u{200b}b", "☺", "ﬁn"] {
            assert!(Username::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
