//! The languages that ship.

use std::sync::Arc;

use fluent_bundle::FluentResource;
use unic_langid::LanguageIdentifier;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    German,
    French,
    Spanish,
}

/// The files of a language. They are in the program, so that it needs nothing beside it.
macro_rules! files {
    ($language:literal) => {
        [
            include_str!(concat!("../../locales/", $language, "/common.ftl")),
            include_str!(concat!("../../locales/", $language, "/pages.ftl")),
            include_str!(concat!("../../locales/", $language, "/errors.ftl")),
            include_str!(concat!("../../locales/", $language, "/console.ftl")),
        ]
    };
}

impl Language {
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::French, Self::Spanish];

    /// By BCP 47.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
        }
    }

    pub(super) fn id(self) -> LanguageIdentifier {
        self.code().parse().unwrap_or_default()
    }

    pub(super) fn files(self) -> [&'static str; 4] {
        match self {
            Self::English => files!("en"),
            Self::German => files!("de"),
            Self::French => files!("fr"),
            Self::Spanish => files!("es"),
        }
    }

    /// What can be read of its files; a test reads all of them.
    pub(super) fn resources(self) -> Vec<Arc<FluentResource>> {
        let parse = |file: &str| match FluentResource::try_new(file.to_owned()) {
            Ok(resource) | Err((resource, _)) => Arc::new(resource),
        };
        self.files().into_iter().map(parse).collect()
    }
}
