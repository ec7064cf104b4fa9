//! Email addresses.

use std::net::IpAddr;

use email_address::{EmailAddress, Options};

/// RFC 5321, section 4.5.3.1.3, less the angle brackets.
const MAX_BYTES: usize = 254;

/// An email address that may be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    pub original: String,
    /// The form used for comparison: in lower case, including the local part, with the domain in ASCII (RFC 5891). RFC
    /// 5321 allows the local part to be case-sensitive, but no common provider makes use of that, and two accounts for
    /// one mailbox would be worse.
    pub key: String,
}

impl Email {
    /// Validates an email address.
    ///
    /// # Errors
    /// A message for people that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let options = Options::default().with_required_tld().without_display_text().without_domain_literal();
        let address = EmailAddress::parse_with_options(text, options).ok().filter(|_| text.len() <= MAX_BYTES);
        let key = address.and_then(|address| key(&address));
        let key = key.ok_or("must be an email address such as ada@example.org")?;
        Ok(Self { original: text.to_owned(), key })
    }
}

fn key(address: &EmailAddress) -> Option<String> {
    let domain = idna::domain_to_ascii(address.domain()).ok()?;
    // A bare IP address is not a domain; in brackets, it would be a domain literal, which is not accepted either.
    (domain.parse::<IpAddr>().is_err()).then(|| format!("{}@{domain}", address.local_part().to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_differ_only_in_case_are_equal() {
        assert_eq!(Email::parse("Ada@Example.ORG").expect("an address").key, "ada@example.org");
    }

    #[test]
    fn a_domain_in_unicode_equals_its_ascii_form() {
        let key = |text| Email::parse(text).expect("an address").key;
        assert_eq!(key("ada@B\u{fc}cher.example"), key("ada@xn--bcher-kva.example"));
    }

    #[test]
    fn invalid_addresses_are_rejected() {
        for wrong in [
            "",
            "ada",
            "ada@",
            "@example.org",
            "a b@example.org",
            "ada@127.0.0.1",
            "ada@localhost",
            "Ada <ada@example.org>",
            "a\0@example.org",
        ] {
            assert!(Email::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
