//! Usernames by RFC 8265.

use super::precis;

const MAX_CHARACTERS: usize = 64;

/// A name that may be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username {
    /// As typed.
    pub original: String,
    /// As compared: `UsernameCaseMapped`, RFC 8265 section 3.3.
    pub key: String,
}

impl Username {
    /// Takes a name as it was typed.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !has_valid_length(text) {
            return Err(format!("must have 1 to {MAX_CHARACTERS} characters"));
        }
        let key = precis::username_case_mapped(text).map_err(|refusal| refusal.to_string())?;
        Ok(Self { original: text.to_owned(), key })
    }

    /// The key to look a typed name up by; `None` if no account can have it.
    ///
    /// It accepts more than [`Username::parse`]: Unicode changes a character's properties from time to time, and an
    /// account whose name would be refused today must remain usable.
    pub(super) fn lookup_key(text: &str) -> Option<String> {
        // PostgreSQL cannot store U+0000, not even to compare it.
        let is_possible = has_valid_length(text) && !text.contains(char::is_control);
        is_possible.then(|| precis::username_key(text))
    }
}

fn has_valid_length(text: &str) -> bool {
    !text.is_empty() && text.chars().nth(MAX_CHARACTERS).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_case_or_width_only_are_the_same() {
        for spelling in ["Ada", "ADA", "ada", "ＡＤＡ"] {
            assert_eq!(Username::parse(spelling).expect("a name").key, "ada", "{spelling}");
        }
        assert_eq!(Username::parse("Ada").expect("a name").original, "Ada");
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
    fn every_refusal_has_its_own_reason() {
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
            ("ﬁn", "must not contain characters that stand for others (U+FB01); use the plain ones"),
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
    fn letters_newer_than_2013_and_marks_within_a_name_are_fine() {
        for name in
            ["\u{1e900}\u{1e943}", "\u{16e40}", "\u{5e9}\u{5b8}\u{5dc}\u{5d5}\u{5b9}\u{5dd}", "o'brien+1", "col·lega"]
        {
            assert!(Username::parse(name).is_ok(), "{name}");
        }
        assert_eq!(Username::parse("\u{1e900}").expect("a name").key, "\u{1e922}", "Adlam has cases");
    }

    #[test]
    fn a_name_that_would_be_refused_today_is_still_looked_up() {
        let stored = "\u{5d0}\u{1b3a}";
        assert!(Username::parse(stored).is_err());
        assert_eq!(Username::lookup_key(stored).as_deref(), Some(stored));
        assert_eq!(Username::lookup_key("Ada").as_deref(), Some("ada"));
        for impossible in ["", "a\0", &"a".repeat(65)] {
            assert_eq!(Username::lookup_key(impossible), None);
        }
    }
}
