//! The languages that ship.

use std::sync::Arc;

use fluent_bundle::FluentResource;
use strum::{EnumString, IntoStaticStr, VariantArray};
use unic_langid::LanguageIdentifier;

/// Named by BCP 47.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(const_into_str)]
pub enum Language {
    #[strum(serialize = "en")]
    English,
    #[strum(serialize = "de")]
    German,
    #[strum(serialize = "fr")]
    French,
    #[strum(serialize = "es")]
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
    pub(super) fn id(self) -> LanguageIdentifier {
        self.into_str().parse().unwrap_or_default()
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
