//! `IdentifierClass`: the characters that a username may contain, by the derivation of RFC 8264, sections 8 and 9.

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{DefaultIgnorableCodePoint, GeneralCategory, HangulSyllableType, JoinControl},
};

use super::{Refusal, category, compatibility_form, context};

/// The result of the derivation for a character.
enum Property {
    Valid,
    /// Depends on the surrounding characters.
    Contextual,
    Refused(Refusal),
}

pub(super) fn check(text: &[char]) -> Result<(), Refusal> {
    text.iter().enumerate().try_for_each(|(place, c)| match property(*c) {
        Property::Valid => Ok(()),
        Property::Contextual if context::allows(text, place) => Ok(()),
        Property::Contextual if is_joiner(*c) => Err(Refusal::Invisible(*c)),
        Property::Contextual => Err(Refusal::Misplaced(*c)),
        Property::Refused(refusal) => Err(refusal),
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
            return Property::Refused(Refusal::Other(c));
        }
        // ASCII7 (K).
        '!'..='~' => return Property::Valid,
        _ => {}
    }
    let category = category(c);
    if category == GeneralCategory::Unassigned {
        return Property::Refused(Refusal::Unassigned(c));
    }
    if is_joiner(c) {
        return Property::Contextual;
    }
    if CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c) {
        return Property::Refused(Refusal::Invisible(c));
    }
    by_category(c, category)
}

fn by_category(c: char, category: GeneralCategory) -> Property {
    use GeneralCategory as Gc;
    Property::Refused(match category {
        Gc::Control => Refusal::Control,
        Gc::SpaceSeparator => Refusal::Space,
        Gc::MathSymbol | Gc::CurrencySymbol | Gc::ModifierSymbol | Gc::OtherSymbol => Refusal::Symbol(c),
        Gc::ConnectorPunctuation
        | Gc::DashPunctuation
        | Gc::OpenPunctuation
        | Gc::ClosePunctuation
        | Gc::InitialPunctuation
        | Gc::FinalPunctuation
        | Gc::OtherPunctuation => Refusal::Punctuation(c),
        _ if compatibility_form(c) != Some(c) => Refusal::Compatibility(c),
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
        _ => Refusal::Other(c),
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
