//! The profiles of RFC 8265, which prepare usernames and passwords for comparison.
//!
//! What is allowed is derived from Unicode's properties, as RFC 8264 section 8 prescribes. IANA's table of the results
//! ends with Unicode 6.3 (2013), and so do the crates for PRECIS. ICU4X, which `idna` brings in any case, is current.

mod bidi;
mod context;
mod identifier;
mod refusal;
#[cfg(test)]
mod tests;

use std::iter;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{EastAsianWidth, ExtendedPictographic, GeneralCategory},
};

use self::refusal::Refusal;

const NFC: ComposingNormalizerBorrowed<'_> = ComposingNormalizerBorrowed::new_nfc();
const NFKC: ComposingNormalizerBorrowed<'_> = ComposingNormalizerBorrowed::new_nfkc();

/// A password as it is hashed: `OpaqueString`, RFC 8265 section 4.2, except that every assigned character is accepted.
///
/// The RFC's `FreeformClass` also refuses the parts of many emoji: variation selectors, tags, and joiners outside of
/// Indic scripts. What a keyboard can type is worth more here than that texts which look alike are alike.
///
/// # Errors
/// Why it is refused, without repeating any of it.
pub(super) fn opaque_string(text: &str) -> Result<String, &'static str> {
    let mapped: String = text.chars().map(opaque_character).collect::<Result<_, _>>()?;
    Ok(NFC.normalize(&mapped).into_owned())
}

/// Unassigned characters are refused because their normal form is not known yet: a later version might not find the
/// hashed password again. Those reserved for emoji are an exception, as emoji have no other form; new ones work on
/// keyboards before they are in the tables here.
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

/// A username as it is compared: `UsernameCaseMapped`, RFC 8265 section 3.3.
///
/// # Errors
/// Why it is refused.
pub(super) fn username_case_mapped(text: &str) -> Result<String, Refusal> {
    identifier::check(&text.chars().map(narrowed).collect::<Vec<_>>())?;
    let key = username_key(text);
    // The compiler's table may be older than ICU4X's. Once it knows the lower case, the key would be another.
    if let Some(c) = key.chars().find(|c| category(*c) == GeneralCategory::UppercaseLetter) {
        return Err(Refusal::Other(c));
    }
    if bidi::is_consistent(&key) { Ok(key) } else { Err(Refusal::Direction) }
}

/// The same without the checks.
pub(super) fn username_key(text: &str) -> String {
    // Character by character: the lower case of a text turns the last Σ of a word into ς, and stored keys have σ.
    let lower: String = text.chars().map(narrowed).flat_map(char::to_lowercase).collect();
    NFC.normalize(&lower).into_owned()
}

/// A fullwidth or halfwidth character in its ordinary width. NFKC finds it, except for characters that are refused.
fn narrowed(c: char) -> char {
    match CodePointMapData::<EastAsianWidth>::new().get(c) {
        EastAsianWidth::Fullwidth | EastAsianWidth::Halfwidth => compatibility_form(c).unwrap_or(c),
        _ => c,
    }
}

/// The character that NFKC makes of this one; `None` if there are several.
fn compatibility_form(c: char) -> Option<char> {
    let mut mapped = NFKC.normalize_iter(iter::once(c));
    mapped.next().filter(|_| mapped.next().is_none())
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}
