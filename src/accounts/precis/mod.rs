//! The profiles of RFC 8265, which prepare usernames and passwords for comparison.
//!
//! The allowed characters are derived from Unicode properties, as RFC 8264, section 8 prescribes. IANA's table of the
//! results ends with Unicode 6.3 (2013), and so do the existing PRECIS crates. ICU4X, which is a dependency of `idna`
//! anyway, is up to date.

mod bidi;
mod context;
mod identifier;
mod rejection;
#[cfg(test)]
mod tests;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{EastAsianWidth, ExtendedPictographic, GeneralCategory},
};

use self::{
    identifier::{category, compatibility_form},
    rejection::Rejection,
};

const NFC: ComposingNormalizerBorrowed<'_> = ComposingNormalizerBorrowed::new_nfc();

/// The form of a password that is hashed: `OpaqueString`, RFC 8265, section 4.2, except that every assigned character
/// is accepted.
///
/// The RFC's `FreeformClass` also rejects components of many emoji: variation selectors, tags, and joiners outside
/// Indic scripts. Accepting everything that a keyboard can type matters more here than treating lookalikes as equal.
///
/// # Errors
/// Says why the password is rejected, without repeating any part of it.
pub(super) fn opaque_string(text: &str) -> Result<String, &'static str> {
    let mapped: String = text.chars().map(opaque_character).collect::<Result<_, _>>()?;
    Ok(NFC.normalize(&mapped).into_owned())
}

/// Unassigned characters are rejected because their normal form is not known yet: with a later version of Unicode, the
/// password might no longer match its hash. Characters reserved for emoji are an exception, since emoji have no other
/// form, and keyboards support new ones before the tables here do.
fn opaque_character(c: char) -> Result<char, &'static str> {
    match category(c) {
        GeneralCategory::Control => Err("must not contain control characters"),
        GeneralCategory::Unassigned if !CodePointSetData::new::<ExtendedPictographic>().contains(c) => {
            Err("must not contain characters that are not assigned in Unicode")
        }
        GeneralCategory::SpaceSeparator => Ok(' '),
        _ => Ok(c),
    }
}

/// The form of a username that is compared: `UsernameCaseMapped`, RFC 8265, section 3.3.
pub(super) fn username_case_mapped(text: &str) -> Result<String, Rejection> {
    identifier::check(&text.chars().map(narrowed).collect::<Vec<_>>())?;
    let key = username_key(text);
    // The compiler's Unicode table may be older than ICU4X's. Once it knows the lower case of this character, the key
    // would change.
    if let Some(c) = key.chars().find(|c| category(*c) == GeneralCategory::UppercaseLetter) {
        return Err(Rejection::Other(c));
    }
    if bidi::is_consistent(&key) { Ok(key) } else { Err(Rejection::Direction) }
}

/// Like [`username_case_mapped`], without the checks.
pub(super) fn username_key(text: &str) -> String {
    // Maps character by character: lowercasing a complete text turns the last Σ of a word into ς, but stored keys have
    // σ.
    let lower: String = text.chars().map(narrowed).flat_map(char::to_lowercase).collect();
    NFC.normalize(&lower).into_owned()
}

/// Maps a fullwidth or halfwidth character to its ordinary width. NFKC provides the mapping, except for characters that
/// are rejected.
fn narrowed(c: char) -> char {
    match CodePointMapData::<EastAsianWidth>::new().get(c) {
        EastAsianWidth::Fullwidth | EastAsianWidth::Halfwidth => compatibility_form(c).unwrap_or(c),
        _ => c,
    }
}
