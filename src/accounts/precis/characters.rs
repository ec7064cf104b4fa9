//! Properties of single characters.

use std::iter;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::{CodePointMapData, props::GeneralCategory};

const NFKC: ComposingNormalizerBorrowed<'_> = ComposingNormalizerBorrowed::new_nfkc();

/// Returns the NFKC form of a character, or `None` if it consists of several characters.
pub(super) fn compatibility_form(c: char) -> Option<char> {
    let mut mapped = NFKC.normalize_iter(iter::once(c));
    mapped.next().filter(|_| mapped.next().is_none())
}

pub(super) fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}
