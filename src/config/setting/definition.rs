//! What all settings have in common, whatever their types.

use std::fmt;

use super::{DefaultValue, OfEach, Optional, Setting};
use crate::config::{environment::Settings, setting::PLACEHOLDER};

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

    /// Whether this is the name of the setting, or of one of those that it stands for.
    fn is_named(&self, name: &str) -> bool {
        self.name() == name
    }

    /// The names of what is in effect: usually this one.
    fn names(&self, _: &Settings) -> Vec<String> {
        vec![self.name().to_owned()]
    }

    /// The value in effect under one of the names, without secrets.
    fn effective(&self, name: &str, settings: &Settings) -> (String, Source);
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

    fn effective(&self, name: &str, settings: &Settings) -> (String, Source) {
        match settings.get(name) {
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

    fn effective(&self, name: &str, settings: &Settings) -> (String, Source) {
        match settings.get(name) {
            Some(text) => (self.values.display(text), Source::Set),
            None => (String::new(), Source::Default),
        }
    }
}

impl<T> Definition for OfEach<T> {
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

    fn is_named(&self, name: &str) -> bool {
        let Some((start, end)) = self.name.split_once(PLACEHOLDER) else { return false };
        let middle = name.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
        let is_one = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        name == self.name || middle.is_some_and(|middle| !middle.is_empty() && is_one(middle))
    }

    fn names(&self, settings: &Settings) -> Vec<String> {
        let mut names: Vec<_> = settings.names().filter(|name| self.is_named(name)).map(str::to_owned).collect();
        names.sort_unstable();
        names
    }

    fn effective(&self, name: &str, settings: &Settings) -> (String, Source) {
        match settings.get(name) {
            Some(text) => (self.values.display(text), Source::Set),
            None => (String::new(), Source::Default),
        }
    }
}
