//! The Bidi Rule of RFC 5893, section 2, which ensures that a name keeps its order wherever it is displayed.

use icu_properties::{CodePointMapData, props::BidiClass};

/// Returns whether a text keeps its order: it either has no right-to-left characters, or follows the rules for
/// right-to-left text. Rules 5 and 6 concern left-to-right texts, in which any right-to-left character is rejected.
pub(super) fn is_consistent(text: &str) -> bool {
    use BidiClass as Bc;
    let classes: Vec<BidiClass> = text.chars().map(|c| CodePointMapData::<BidiClass>::new().get(c)).collect();
    let has = |class| classes.contains(&class);
    if !has(Bc::RightToLeft) && !has(Bc::ArabicLetter) && !has(Bc::ArabicNumber) {
        return true;
    }
    let last = classes.iter().rfind(|class| **class != Bc::NonspacingMark);
    matches!(classes.first(), Some(&(Bc::RightToLeft | Bc::ArabicLetter)))
        && classes.iter().all(|class| is_right_to_left_or_neutral(*class))
        && last
            .is_some_and(|c| matches!(*c, Bc::RightToLeft | Bc::ArabicLetter | Bc::EuropeanNumber | Bc::ArabicNumber))
        && !(has(Bc::EuropeanNumber) && has(Bc::ArabicNumber))
}

fn is_right_to_left_or_neutral(class: BidiClass) -> bool {
    use BidiClass as Bc;
    matches!(
        class,
        Bc::RightToLeft
            | Bc::ArabicLetter
            | Bc::ArabicNumber
            | Bc::EuropeanNumber
            | Bc::EuropeanSeparator
            | Bc::CommonSeparator
            | Bc::EuropeanTerminator
            | Bc::OtherNeutral
            | Bc::BoundaryNeutral
            | Bc::NonspacingMark
    )
}
