//! Characters that are only allowed next to certain others: the contextual rules of RFC 5892, appendix A.

use icu_properties::{
    CodePointMapData,
    props::{CanonicalCombiningClass, JoiningType, Script},
};

/// Returns whether the character at `place`, which has a contextual rule, is allowed there.
pub(super) fn allows(text: &[char], place: usize) -> bool {
    let (before, after) = (place.checked_sub(1).and_then(|place| text.get(place)), text.get(place + 1));
    let has = |mut range: std::ops::RangeInclusive<char>| range.any(|c| text.contains(&c));
    match text.get(place) {
        // A.1 zero width non-joiner, A.2 zero width joiner
        Some('\u{200c}') => before.is_some_and(is_virama) || joins(text, place),
        Some('\u{200d}') => before.is_some_and(is_virama),
        // A.3 middle dot, as in Catalan col·lecció
        Some('\u{b7}') => before == Some(&'l') && after == Some(&'l'),
        // A.4 Greek numeral sign
        Some('\u{375}') => after.is_some_and(|c| script(*c) == Script::Greek),
        // A.5 and A.6 Hebrew geresh and gershayim
        Some('\u{5f3}' | '\u{5f4}') => before.is_some_and(|c| script(*c) == Script::Hebrew),
        // A.7 Katakana middle dot
        Some('\u{30fb}') => {
            text.iter().any(|c| [Script::Hiragana, Script::Katakana, Script::Han].contains(&script(*c)))
        }
        // A.8 and A.9: two sets of digits that look alike must not be mixed
        Some('\u{660}'..='\u{669}') => !has('\u{6f0}'..='\u{6f9}'),
        Some('\u{6f0}'..='\u{6f9}') => !has('\u{660}'..='\u{669}'),
        _ => false,
    }
}

/// Returns whether the letters on both sides of `place` would join if nothing stood between them.
fn joins(text: &[char], place: usize) -> bool {
    let (before, after) = text.split_at(place);
    let is_visible = |joining: &JoiningType| *joining != JoiningType::Transparent;
    let left = before.iter().rev().map(joining).find(is_visible);
    let right = after.iter().skip(1).map(joining).find(is_visible);
    matches!(left, Some(JoiningType::LeftJoining | JoiningType::DualJoining))
        && matches!(right, Some(JoiningType::RightJoining | JoiningType::DualJoining))
}

fn joining(c: &char) -> JoiningType {
    CodePointMapData::<JoiningType>::new().get(*c)
}

fn is_virama(c: &char) -> bool {
    CodePointMapData::<CanonicalCombiningClass>::new().get(*c) == CanonicalCombiningClass::Virama
}

fn script(c: char) -> Script {
    CodePointMapData::<Script>::new().get(c)
}
