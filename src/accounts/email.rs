//! E-mail addresses.

use std::net::IpAddr;

use email_address::{EmailAddress, Options};

/// RFC 5321 section 4.5.3.1.3, less the angle brackets.
const MAX_BYTES: usize = 254;

/// An address that may be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// As typed.
    pub original: String,
    /// As compared: in lower case, the local part too, and the domain as DNS has it (RFC 5891). RFC 5321 lets a host
    /// tell cases apart in the local part; none that people use does, and two accounts for one mailbox would be worse.
    pub key: String,
}

impl Email {
    /// Takes an address as it was typed.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let options = Options::default().with_required_tld().without_display_text().without_domain_literal();
        let address = EmailAddress::parse_with_options(text, options).ok().filter(|_| text.len() <= MAX_BYTES);
        let key = address.and_then(|address| key(&address));
        let key = key.ok_or("must be an e-mail address such as ada@example.org")?;
        Ok(Self { original: text.to_owned(), key })
    }
}

fn key(address: &EmailAddress) -> Option<String> {
    let domain = idna::domain_to_ascii(address.domain()).ok()?;
    // The four numbers of an address are no domain; in brackets they would be a literal, which is not taken either.
    (domain.parse::<IpAddr>().is_err()).then(|| format!("{}@{domain}", address.local_part().to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_differ_in_case_only_are_the_same() {
        assert_eq!(Email::parse("Ada@Example.ORG").expect("an address").key, "ada@example.org");
    }

    #[test]
    fn a_domain_is_the_same_in_unicode_and_as_dns_has_it() {
        let key = |text| Email::parse(text).expect("an address").key;
        assert_eq!(key("ada@B\u{fc}cher.example"), key("ada@xn--bcher-kva.example"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
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
