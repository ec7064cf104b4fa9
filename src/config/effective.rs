//! The settings as they take effect, for an operator to look at.

use std::{collections::HashMap, fmt};

use super::{ConfigError, settings};

/// Every setting with its default, as it is documented.
const EXAMPLE: &str = include_str!("../../.env.example");

/// Settings whose values nobody may see.
const SECRET: [&str; 3] = ["SECRET_KEY", "SECRET_KEY_OLD", "STRIPE_WEBHOOK_SECRET"];

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is not set.
    Default,
    /// The environment or the file `.env`.
    Set,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// Its value; that of a secret only tells whether there is one.
    pub value: String,
    /// Where the value comes from.
    pub origin: Origin,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Default => "default",
            Self::Set => "set",
        })
    }
}

/// All settings, in the order of their documentation.
///
/// # Errors
/// The file `.env` cannot be read.
pub fn effective() -> Result<Vec<Setting>, ConfigError> {
    Ok(of(&settings::environment()?))
}

/// Names in the file `.env` that are no setting's, each with the one that may be meant.
///
/// The environment is not looked at: most of it belongs to others.
///
/// # Errors
/// The file cannot be read.
pub fn unknown() -> Result<Vec<(String, Option<&'static str>)>, ConfigError> {
    let written = settings::file()?.into_keys();
    let mut unknown: Vec<_> = written.filter(|name| documented().all(|(known, _)| known != name)).collect();
    unknown.sort();
    Ok(unknown.into_iter().map(|name| (meant(&name), name)).map(|(meant, name)| (name, meant)).collect())
}

fn of(set: &HashMap<String, String>) -> Vec<Setting> {
    let setting = |(name, default): (&'static str, &str)| match set.get(name).filter(|value| !value.is_empty()) {
        Some(value) => Setting { name, value: shown(name, value), origin: Origin::Set },
        None => Setting { name, value: default.to_owned(), origin: Origin::Default },
    };
    documented().map(setting).collect()
}

/// Names and defaults.
fn documented() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = EXAMPLE.lines().filter_map(|line| line.strip_prefix("# ")?.split_once('='));
    lines.filter(|(name, _)| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
}

fn shown(name: &str, value: &str) -> String {
    if SECRET.contains(&name) {
        return "(hidden)".to_owned();
    }
    match value.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?))) {
        // A password may stand before the host, or among the parameters after it.
        Some((scheme, (_, place))) if name == "DATABASE_URL" => {
            format!("{scheme}://(hidden)@{}", place.split('?').next().unwrap_or_default())
        }
        None if name == "DATABASE_URL" => value.split('?').next().unwrap_or_default().to_owned(),
        _ => value.to_owned(),
    }
}

/// The setting that differs least, where that is a slip of the hand.
fn meant(name: &str) -> Option<&'static str> {
    let distance = |known: &str| strsim::damerau_levenshtein(known, name);
    let nearest = documented().map(|(known, _)| known).min_by_key(|known| distance(known))?;
    (distance(nearest) <= 2).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn value<'s>(settings: &'s [Setting], name: &str) -> &'s str {
        settings.iter().find(|setting| setting.name == name).map_or("", |setting| &setting.value)
    }

    #[test]
    fn the_documented_defaults_are_the_real_ones() {
        let written = documented().map(|(name, default)| (name.to_owned(), default.to_owned())).collect();
        let written = Config::from_values(written).expect("the documentation is right");
        let real = Config::from_values(HashMap::new()).expect("every setting has a default");
        assert_eq!(format!("{written:?}"), format!("{real:?}"));
    }

    #[test]
    fn secrets_are_hidden() {
        let set = [
            ("SECRET_KEY", "hunter22"),
            ("STRIPE_WEBHOOK_SECRET", "hunter22"),
            ("DATABASE_URL", "postgres://ada:hunter22@db.example/blog?password=hunter22"),
        ];
        let shown = of(&set.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        assert!(!format!("{shown:?}").contains("hunter22"), "{shown:?}");
        assert_eq!(value(&shown, "DATABASE_URL"), "postgres://(hidden)@db.example/blog");
        assert_eq!(value(&shown, "SECRET_KEY"), "(hidden)");
    }

    #[test]
    fn what_is_not_set_has_its_default() {
        let shown = of(&HashMap::from([("PORT".to_owned(), "9000".to_owned()), ("HOST".to_owned(), String::new())]));
        assert_eq!((value(&shown, "PORT"), value(&shown, "HOST")), ("9000", "127.0.0.1"));
        assert!(shown.iter().all(|setting| (setting.origin == Origin::Set) == (setting.name == "PORT")));
    }

    #[test]
    fn a_slip_of_the_hand_is_known() {
        assert_eq!(meant("SECERT_KEY"), Some("SECRET_KEY"));
        assert_eq!(meant("COOKIES_SECURE"), Some("COOKIE_SECURE"));
        assert_eq!(meant("EDITOR"), None);
    }
}
