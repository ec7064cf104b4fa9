//! The definition of a setting, from which its parser, `.env.example`, the reference page and `tollgate config` derive.

mod definition;
mod text;
mod values;

pub use self::definition::Source;
pub(super) use self::{
    definition::{DefaultText, Definition},
    text::{Checked, Form, HIDDEN, Secret, Written},
    values::{Choice, Range, Values, Writable},
};

use super::environment::Settings;

/// A setting with a default. Its texts are Markdown with no markup but backticks, so that they read well as plain text.
pub(super) struct Setting<T: 'static> {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) values: &'static dyn Writable<T>,
    pub(super) default: DefaultValue<T>,
}

/// A default. It is a function, because a `String` cannot be built in a constant.
pub(super) enum DefaultValue<T> {
    Fixed(fn() -> T),
    /// A description, and a function of the machine or of other settings.
    Computed(&'static str, fn(&Settings) -> T),
}

/// A setting that may be absent.
pub(super) struct Optional<T: 'static> {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) values: &'static dyn Values<T>,
    /// What applies if it is not set.
    pub(super) unset: &'static str,
}

/// Stands for the name in the names of [`OfEach`].
pub(super) const PLACEHOLDER: &str = "<NAME>";

/// A setting that exists once for each name that another setting lists.
pub(super) struct OfEach<T: 'static> {
    /// With [`PLACEHOLDER`].
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) values: &'static dyn Values<T>,
    /// What applies if it is not set.
    pub(super) unset: &'static str,
}

impl<T> OfEach<T> {
    /// `of` is a name in lower case.
    pub(super) fn read(&self, settings: &mut Settings, of: &str) -> Option<T> {
        settings.parse_value(&self.name_for(of), |text| self.values.parse(text))
    }

    /// Reports a setting that is not set.
    pub(super) fn require(&self, settings: &mut Settings, of: &str) {
        let name = self.name_for(of);
        if settings.get(&name).is_none() {
            settings.error(&name, format_args!("must be set because OIDC_PROVIDERS lists {of}"));
        }
    }

    fn name_for(&self, of: &str) -> String {
        self.name.replace(PLACEHOLDER, &of.to_ascii_uppercase())
    }
}

impl<T> Setting<T> {
    pub(super) fn read(&self, settings: &mut Settings) -> T {
        let value = settings.parse(self.name, |text| self.values.parse(text));
        value.unwrap_or_else(|| self.default.value(settings))
    }

    /// Like `read`, but leaves it to `read` to report an invalid value.
    pub(super) fn peek(&self, settings: &Settings) -> T {
        let value = settings.get(self.name).and_then(|text| self.values.parse(text).ok());
        value.unwrap_or_else(|| self.default.value(settings))
    }
}

impl<T> DefaultValue<T> {
    pub(super) fn value(&self, settings: &Settings) -> T {
        match self {
            Self::Fixed(value) => value(),
            Self::Computed(_, value) => value(settings),
        }
    }
}

impl<T> Optional<T> {
    pub(super) fn read(&self, settings: &mut Settings) -> Option<T> {
        settings.parse(self.name, |text| self.values.parse(text))
    }

    /// Like `read`, but leaves it to `read` to report an invalid value.
    pub(super) fn peek(&self, settings: &Settings) -> Option<T> {
        settings.get(self.name).and_then(|text| self.values.parse(text).ok())
    }
}
