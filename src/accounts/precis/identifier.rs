//! `IdentifierClass`: the characters that a username may contain, by the derivation of RFC 8264, sections 8 and 9.

use std::iter;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{DefaultIgnorableCodePoint, GeneralCategory, HangulSyllableType, JoinControl},
};

use super::{context, rejection::Rejection};

const NFKC: ComposingNormalizerBorrowed<'_> = ComposingNormalizerBorrowed::new_nfkc();

/// The result of the derivation for a character.
enum Property {
    Valid,
    /// Depends on the surrounding characters.
    Contextual,
    Rejected(Rejection),
}

pub(super) fn check(text: &[char]) -> Result<(), Rejection> {
    text.iter().enumerate().try_for_each(|(place, c)| match property(*c) {
        Property::Valid => Ok(()),
        Property::Contextual if context::allows(text, place) => Ok(()),
        Property::Contextual if is_joiner(*c) => Err(Rejection::Invisible(*c)),
        Property::Contextual => Err(Rejection::Misplaced(*c)),
        Property::Rejected(rejection) => Err(rejection),
    })
}

/// Follows the order of the RFC, except among characters that are rejected either way: a space is reported as a space
/// even if NFKC changes it.
fn property(c: char) -> Property {
    match c {
        // Exceptions (F): RFC 5892, section 2.6.
        '\u{df}' | '\u{3c2}' | '\u{6fd}' | '\u{6fe}' | '\u{f0b}' | '\u{3007}' => return Property::Valid,
        '\u{b7}' | '\u{375}' | '\u{5f3}' | '\u{5f4}' | '\u{30fb}' => return Property::Contextual,
        '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' => return Property::Contextual,
        '\u{640}' | '\u{7fa}' | '\u{302e}' | '\u{302f}' | '\u{3031}'..='\u{3035}' | '\u{303b}' => {
            return Property::Rejected(Rejection::Other(c));
        }
        // ASCII7 (K).
        '!'..='~' => return Property::Valid,
        _ => {}
    }
    let category = category(c);
    if category == GeneralCategory::Unassigned {
        return Property::Rejected(Rejection::Unassigned(c));
    }
    if is_joiner(c) {
        return Property::Contextual;
    }
    if CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c) {
        return Property::Rejected(Rejection::Invisible(c));
    }
    by_category(c, category)
}

fn by_category(c: char, category: GeneralCategory) -> Property {
    use GeneralCategory as Gc;
    Property::Rejected(match category {
        Gc::Control => Rejection::Control,
        Gc::SpaceSeparator => Rejection::Space,
        Gc::MathSymbol | Gc::CurrencySymbol | Gc::ModifierSymbol | Gc::OtherSymbol => Rejection::Symbol(c),
        Gc::ConnectorPunctuation
        | Gc::DashPunctuation
        | Gc::OpenPunctuation
        | Gc::ClosePunctuation
        | Gc::InitialPunctuation
        | Gc::FinalPunctuation
        | Gc::OtherPunctuation => Rejection::Punctuation(c),
        _ if compatibility_form(c) != Some(c) => Rejection::Compatibility(c),
        // LetterDigits (A).
        Gc::LowercaseLetter
        | Gc::UppercaseLetter
        | Gc::OtherLetter
        | Gc::DecimalNumber
        | Gc::ModifierLetter
        | Gc::NonspacingMark
        | Gc::SpacingMark
            if !is_old_jamo(c) =>
        {
            return Property::Valid;
        }
        _ => Rejection::Other(c),
    })
}

fn is_joiner(c: char) -> bool {
    CodePointSetData::new::<JoinControl>().contains(c)
}

/// The components of historical Korean syllables, with which the same syllable can be written in several ways.
fn is_old_jamo(c: char) -> bool {
    let syllable = CodePointMapData::<HangulSyllableType>::new().get(c);
    matches!(
        syllable,
        HangulSyllableType::LeadingJamo | HangulSyllableType::VowelJamo | HangulSyllableType::TrailingJamo
    )
}

/// Returns the NFKC form of a character, or `None` if it consists of several characters.
pub(super) fn compatibility_form(c: char) -> Option<char> {
    let mut mapped = NFKC.normalize_iter(iter::once(c));
    mapped.next().filter(|_| mapped.next().is_none())
}

pub(super) fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}
