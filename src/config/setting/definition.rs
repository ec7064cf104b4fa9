//! What all settings have in common, whatever their types.

use std::fmt;

use super::{DefaultValue, Optional, Setting};
use crate::config::environment::Settings;

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Default,
    /// The environment or the file `.env`.
    Set,
}

/// A default as people read it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::config) enum DefaultText {
    Value(String),
    Description(&'static str),
}

impl DefaultText {
    pub(in crate::config) fn text(&self) -> &str {
        match self {
            Self::Value(text) => text,
            Self::Description(text) => text,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Default => "default",
            Self::Set => "set",
        })
    }
}

/// A setting of any type.
pub(in crate::config) trait Definition: Sync {
    fn name(&self) -> &'static str;

    fn about(&self) -> &'static str;

    /// Describes the valid values.
    fn values(&self) -> String;

    fn default(&self) -> DefaultText;

    fn is_secret(&self) -> bool;

    /// The value in effect, without secrets.
    fn effective(&self, settings: &Settings) -> (String, Source);
}

impl<T> Definition for Setting<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn values(&self) -> String {
        self.values.describe()
    }

    fn default(&self) -> DefaultText {
        match self.default {
            DefaultValue::Fixed(value) => DefaultText::Value(self.values.write(&value())),
            DefaultValue::Computed(description, _) => DefaultText::Description(description),
        }
    }

    fn is_secret(&self) -> bool {
        self.values.is_secret()
    }

    fn effective(&self, settings: &Settings) -> (String, Source) {
        match settings.get(self.name) {
            Some(text) => (self.values.display(text), Source::Set),
            None => (self.values.write(&self.default.value(settings)), Source::Default),
        }
    }
}

impl<T> Definition for Optional<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn values(&self) -> String {
        self.values.describe()
    }

    fn default(&self) -> DefaultText {
        DefaultText::Description(self.unset)
    }

    fn is_secret(&self) -> bool {
        self.values.is_secret()
    }

    fn effective(&self, settings: &Settings) -> (String, Source) {
        match settings.get(self.name) {
            Some(text) => (self.values.display(text), Source::Set),
            None => (String::new(), Source::Default),
        }
    }
}
