//! What an import cannot take over.

use std::collections::BTreeMap;

use serde::Serialize;

/// How many things of each kind were left out or changed, by a name in the plural.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct LeftOut(BTreeMap<&'static str, usize>);

impl LeftOut {
    pub(super) fn count(&mut self, kind: &'static str) {
        self.add(kind, 1);
    }

    pub(super) fn add(&mut self, kind: &'static str, number: usize) {
        if number > 0 {
            *self.0.entry(kind).or_default() += number;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each kind with its number.
    pub(super) fn sentence(&self) -> String {
        self.0.iter().map(|(kind, number)| format!("{kind}: {number}")).collect::<Vec<_>>().join(", ")
    }
}
