//! The settings in effect, for display to an operator.

use std::fmt;

use super::{
    ConfigError,
    environment::{self, Settings},
    sections,
    setting::{Definition, Source},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    pub name: String,
    /// Without secrets.
    pub value: String,
    pub source: Source,
}

/// The settings that a server was started with, each with the title of its section. `Debug` shows none of them.
#[derive(Clone, Default)]
pub struct InEffect(pub Vec<(&'static str, Effective)>);

impl InEffect {
    pub(super) fn of(settings: &Settings) -> Self {
        Self(all_with_sections(settings).collect())
    }
}

impl fmt::Debug for InEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InEffect(…)")
    }
}

/// Everything about one setting.
#[derive(Debug)]
pub struct Explanation {
    pub section: &'static str,
    pub about: &'static str,
    /// Describes the valid values.
    pub values: String,
    /// The default, or how it is computed.
    pub default: String,
    pub is_secret: bool,
    pub effective: Effective,
}

/// All settings.
///
/// # Errors
/// The file `.env` cannot be read.
pub fn effective() -> Result<Vec<Effective>, ConfigError> {
    let settings = Settings::new(environment::environment()?);
    Ok(all(&settings))
}

fn all(settings: &Settings) -> Vec<Effective> {
    all_with_sections(settings).map(|(_, effective)| effective).collect()
}

fn all_with_sections(settings: &Settings) -> impl Iterator<Item = (&'static str, Effective)> {
    sections::all().flat_map(move |(section, setting)| {
        let names = setting.names(settings).into_iter();
        names.map(move |name| (section.title, of(setting, name, settings)))
    })
}

/// Explains a setting; `None` if there is no setting of this name.
///
/// # Errors
/// The file `.env` cannot be read.
pub fn explain(name: &str) -> Result<Option<Explanation>, ConfigError> {
    let Some((section, setting)) = sections::find(name) else { return Ok(None) };
    let settings = Settings::new(environment::environment()?);
    Ok(Some(Explanation {
        section: section.title,
        about: setting.about(),
        values: setting.values(),
        default: setting.default().text().to_owned(),
        is_secret: setting.is_secret(),
        effective: of(setting, name.to_owned(), &settings),
    }))
}

fn of(setting: &dyn Definition, name: String, settings: &Settings) -> Effective {
    let (value, source) = setting.effective(&name, settings);
    Effective { name, value, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(values: &[(&str, &str)]) -> Vec<Effective> {
        let set = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let settings = Settings::new(set.collect());
        all(&settings)
    }

    fn value<'s>(settings: &'s [Effective], name: &str) -> &'s str {
        settings.iter().find(|setting| setting.name == name).map_or("", |setting| &setting.value)
    }

    #[test]
    fn secrets_are_hidden() {
        let shown = shown(&[
            ("SECRET_KEY", "hunter22"),
            ("SECRET_KEY_OLD", "hunter22"),
            ("STRIPE_WEBHOOK_SECRET", "hunter22"),
            ("ADMIN_PASSWORD", "hunter22"),
            ("DATABASE_URL", "postgres://ada:hunter22@db.example/blog?password=hunter22"),
        ]);
        assert!(!format!("{shown:?}").contains("hunter22"), "{shown:?}");
        assert_eq!(value(&shown, "DATABASE_URL"), "postgres://(hidden)@db.example/blog");
        assert_eq!(value(&shown, "SECRET_KEY"), "(hidden)");
    }

    #[test]
    fn a_setting_that_is_not_set_has_its_default() {
        let shown = shown(&[("PORT", "9000"), ("HOST", "")]);
        assert_eq!((value(&shown, "PORT"), value(&shown, "HOST")), ("9000", "127.0.0.1"));
        assert_eq!((value(&shown, "SESSION_IDLE"), value(&shown, "DATABASE_URL")), ("24h", "sqlite://tollgate.db"));
        assert!(shown.iter().all(|setting| (setting.source == Source::Set) == (setting.name == "PORT")));
    }

    #[test]
    fn a_default_that_depends_on_another_setting_is_computed() {
        let reads_keep = |period| value(&shown(&[("READS_PERIOD", period)]), "READS_KEEP").to_owned();
        assert_eq!((reads_keep(""), reads_keep("1d")), ("60d".to_owned(), "31d".to_owned()));
        for (host, delay, seed, origins) in
            [("", "0s", "true", ""), ("[::1]", "0s", "true", ""), ("0.0.0.0", "5s", "false", "none")]
        {
            let shown = shown(&[("HOST", host)]);
            assert_eq!(value(&shown, "SHUTDOWN_DELAY"), delay, "{host}");
            assert_eq!(value(&shown, "SEED_DEMO"), seed, "{host}");
            assert_eq!(value(&shown, "CORS_ORIGINS"), origins, "{host}");
        }
    }
}
