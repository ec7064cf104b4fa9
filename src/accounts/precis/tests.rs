//! Compares the profiles with `precis-profiles`, which prepared usernames and passwords in the past: everything it
//! accepted may be stored, and must still be found. It supports the characters of Unicode 6.3.

use precis_profiles::{OpaqueString, UsernameCaseMapped, precis_core::profile::PrecisFastInvocation};
use proptest::{collection, prelude::*, sample};

use super::*;

/// Beyond this range, Unicode 6.3 assigned only tags, variation selectors and private use, which were rejected.
fn characters() -> impl Iterator<Item = char> {
    '\0'..='\u{2ffff}'
}

fn key(text: &str) -> Option<String> {
    username_case_mapped(text).ok()
}

fn former_key(text: &str) -> Option<String> {
    UsernameCaseMapped::enforce(text).ok().map(Into::into)
}

fn former_password(text: &str) -> Option<String> {
    OpaqueString::enforce(text).ok().map(Into::into)
}

#[test]
fn every_character_of_a_stored_username_keeps_its_key() {
    for c in characters() {
        let alone = c.to_string();
        if let Some(former) = former_key(&alone) {
            assert_eq!(key(&alone), Some(former), "{}", c.escape_unicode());
        }
    }
}

#[test]
fn every_character_of_a_stored_password_is_hashed_as_before() {
    for c in characters() {
        let alone = c.to_string();
        if let Some(former) = former_password(&alone) {
            assert_eq!(opaque_string(&alone), Ok(former), "{}", c.escape_unicode());
        }
    }
}

#[test]
fn contextual_characters_are_allowed_in_the_same_contexts() {
    let around =
        ["", "a", "l", "\u{375}", "\u{3b1}", "\u{5d0}", "\u{661}", "\u{6f1}", "\u{30ab}", "\u{915}\u{94d}", "\u{628}"];
    for c in "\u{b7}\u{375}\u{5f3}\u{5f4}\u{30fb}\u{661}\u{6f1}\u{200c}\u{200d}".chars() {
        for before in around {
            for after in around {
                let text = format!("{before}{c}{after}");
                assert_eq!(key(&text), former_key(&text), "{}", text.escape_unicode());
            }
        }
    }
}

proptest! {
    #[test]
    fn stored_usernames_keep_their_keys(text in collection::vec(sample::select(letters()), 1..12)) {
        let text = String::from_iter(text);
        if let Some(former) = former_key(&text) {
            prop_assert_eq!(username_key(&text), former);
        }
    }

    #[test]
    fn stored_passwords_keep_their_form(text in collection::vec(sample::select(letters()), 1..24)) {
        let text = String::from_iter(text);
        if let Some(former) = former_password(&text) {
            prop_assert_eq!(opaque_string(&text), Ok(former));
        }
    }
}

/// Half of them come from scripts with cases, marks, directions and widths; otherwise, few texts would be valid
/// usernames.
fn letters() -> Vec<char> {
    let common =
        ('!'..='\u{6ff}').chain('\u{900}'..='\u{97f}').chain('\u{1e00}'..='\u{1fff}').chain('\u{ff00}'..='\u{ff9f}');
    common.chain(characters().step_by(97)).collect()
}
