//! The values of a setting: what all types of values have in common, numbers, and words. The other types are in
//! `text.rs` and `duration.rs`.

use std::{fmt::Display, str::FromStr};

pub(in crate::config) trait Values<T>: Sync {
    /// Completes the sentence "The value is …".
    fn describe(&self) -> String;

    /// # Errors
    /// The message completes the sentence "The setting …" and never repeats `text`, which may be a secret.
    fn parse(&self, text: &str) -> Result<T, String>;

    /// The text as it may be displayed.
    fn display(&self, text: &str) -> String {
        text.to_owned()
    }

    /// Whether no part of a value is ever displayed.
    fn is_secret(&self) -> bool {
        false
    }
}

/// Values that can also be written, in the form in which they are parsed. Needed for defaults.
pub(in crate::config) trait Writable<T>: Values<T> {
    fn write(&self, value: &T) -> String;
}

/// Whole numbers within bounds.
pub(in crate::config) struct Range<T> {
    pub(in crate::config) min: T,
    pub(in crate::config) max: T,
}

impl<T: FromStr + PartialOrd + Display + Sync> Values<T> for Range<T> {
    fn describe(&self) -> String {
        format!("a whole number from {} to {}", self.min, self.max)
    }

    fn parse(&self, text: &str) -> Result<T, String> {
        let number = text.parse().ok().filter(|number| (&self.min..=&self.max).contains(&number));
        number.ok_or_else(|| format!("must be {}", self.describe()))
    }
}

impl<T: FromStr + PartialOrd + Display + Sync> Writable<T> for Range<T> {
    fn write(&self, value: &T) -> String {
        value.to_string()
    }
}

/// One of several words.
pub(in crate::config) struct Choice<T: 'static>(pub(in crate::config) &'static [(&'static str, T)]);

impl Choice<bool> {
    pub(in crate::config) const TRUE_OR_FALSE: Self = Self(&[("true", true), ("false", false)]);
    pub(in crate::config) const ON_OR_OFF: Self = Self(&[("on", true), ("off", false)]);
}

impl<T: Copy + Sync> Values<T> for Choice<T> {
    fn describe(&self) -> String {
        let words: Vec<_> = self.0.iter().map(|(word, _)| *word).collect();
        match words.split_last() {
            Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
            _ => words.concat(),
        }
    }

    fn parse(&self, text: &str) -> Result<T, String> {
        let chosen = self.0.iter().find(|(word, _)| *word == text);
        chosen.map(|(_, value)| *value).ok_or_else(|| format!("must be {}", self.describe()))
    }
}

impl<T: Copy + PartialEq + Sync> Writable<T> for Choice<T> {
    fn write(&self, value: &T) -> String {
        self.0.iter().find(|(_, choice)| choice == value).map_or("", |(word, _)| word).to_owned()
    }
}
