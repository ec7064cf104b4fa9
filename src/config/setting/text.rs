//! Settings whose values are text.

use super::values::{Values, Writable};

/// Displayed instead of a secret.
pub(in crate::config) const HIDDEN: &str = "(hidden)";

/// Text of a form that one error message describes.
pub(in crate::config) struct Form<T> {
    pub(in crate::config) description: &'static str,
    pub(in crate::config) parse: fn(&str) -> Option<T>,
}

impl<T> Values<T> for Form<T> {
    fn describe(&self) -> String {
        self.description.to_owned()
    }

    fn parse(&self, text: &str) -> Result<T, String> {
        (self.parse)(text).ok_or_else(|| format!("must be {}", self.description))
    }
}

/// Text with several rules, each with an error message of its own.
pub(in crate::config) struct Checked<T> {
    pub(in crate::config) description: &'static str,
    pub(in crate::config) parse: fn(&str) -> Result<T, String>,
}

impl<T> Values<T> for Checked<T> {
    fn describe(&self) -> String {
        self.description.to_owned()
    }

    fn parse(&self, text: &str) -> Result<T, String> {
        (self.parse)(text)
    }
}

/// Adds a function that writes values to a type that can only be parsed.
pub(in crate::config) struct Written<V, T>(pub(in crate::config) V, pub(in crate::config) fn(&T) -> String);

impl<V: Values<T>, T> Values<T> for Written<V, T> {
    fn describe(&self) -> String {
        self.0.describe()
    }

    fn parse(&self, text: &str) -> Result<T, String> {
        self.0.parse(text)
    }
}

impl<V: Values<T>, T> Writable<T> for Written<V, T> {
    fn write(&self, value: &T) -> String {
        (self.1)(value)
    }
}

/// Values that are never displayed.
pub(in crate::config) struct Secret<V>(pub(in crate::config) V);

impl<V: Values<T>, T> Values<T> for Secret<V> {
    fn describe(&self) -> String {
        self.0.describe()
    }

    fn parse(&self, text: &str) -> Result<T, String> {
        self.0.parse(text)
    }

    fn display(&self, _: &str) -> String {
        HIDDEN.to_owned()
    }

    fn is_secret(&self) -> bool {
        true
    }
}
