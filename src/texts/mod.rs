//! The texts for people, in the languages that ship: those of the pages and of email.
//!
//! Each language is a folder of Fluent files (<https://projectfluent.org>), and has the same messages as English. A site may
//! replace single texts by a file of its own.

mod check;
mod language;
mod rules;

use std::{borrow::Cow, fmt, sync::Arc};

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};

pub use self::{check::own_texts, language::Language};

/// The texts of one language, with the site's own in place of some.
pub struct Texts {
    pub language: Language,
    bundle: FluentBundle<Arc<FluentResource>>,
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texts").field("language", &self.language).finish_non_exhaustive()
    }
}

impl Texts {
    #[must_use]
    pub fn new(language: Language, own: Option<Arc<FluentResource>>) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![language.id()]);
        // The marks around inserted values are for texts that mix directions of writing; they would end up in addresses
        // and in what programs compare.
        bundle.set_use_isolating(false);
        for resource in language.resources().into_iter().chain(own) {
            bundle.add_resource_overriding(resource);
        }
        Self { language, bundle }
    }

    /// A text without variables.
    #[must_use]
    pub fn get(&self, id: &str) -> String {
        self.format(id, &FluentArgs::new())
    }

    /// A text with values for its variables. An id that no file has is returned as it is: tests find such ids, and a page
    /// must not fail because of a text.
    #[must_use]
    pub fn format(&self, id: &str, values: &FluentArgs<'_>) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(values), &mut errors);
        if !errors.is_empty() {
            tracing::warn!(text = id, ?errors, "a text could not be completed");
        }
        text.into_owned()
    }

    /// Whether there is such a text.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.bundle.has_message(id)
    }

    /// A day for people, such as “25 November 2026”, by the patterns of CLDR.
    #[must_use]
    pub fn day(&self, date: time::Date) -> String {
        let month = self.get(&format!("month-{}", u8::from(date.month())));
        let mut values = FluentArgs::new();
        // As text, because a number would get the separators of the language.
        values.set("day", Cow::from(date.day().to_string()));
        values.set("month", Cow::from(month));
        values.set("year", Cow::from(date.year().to_string()));
        self.format("date", &values)
    }
}

#[cfg(test)]
mod tests;
