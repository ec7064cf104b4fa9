//! E-mail addresses.

use email_address::{EmailAddress, Options};

/// RFC 5321 section 4.5.3.1.3, less the angle brackets.
const MOST_BYTES: usize = 254;

/// An address that may be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// As typed.
    pub shown: String,
    /// As compared: in lower case, the local part too. RFC 5321 lets a host tell cases apart there; none that people
    /// use does, and two accounts for one mailbox would be worse.
    pub key: String,
}

impl Email {
    /// Takes an address as it was typed.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let options = Options::default().with_required_tld().without_display_text().without_domain_literal();
        if text.len() > MOST_BYTES || EmailAddress::parse_with_options(text, options).is_err() {
            return Err("must be an e-mail address such as ada@example.org");
        }
        Ok(Self { shown: text.to_owned(), key: text.to_lowercase() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_differ_in_case_only_are_the_same() {
        assert_eq!(Email::parse("Ada@Example.ORG").expect("an address").key, "ada@example.org");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for wrong in [
            "",
            "ada",
            "ada@",
            "@example.org",
            "a b@example.org",
            "ada@localhost",
            "Ada <ada@example.org>",
            "a\0@example.org",
        ] {
            assert!(Email::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
