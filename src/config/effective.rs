//! The settings in effect, for display to an operator.

use std::{collections::HashMap, fmt};

use super::{Config, ConfigError, DatabaseLimits, duration, server::default_shutdown_delay, settings};

/// Documents every setting with its default.
const EXAMPLE: &str = include_str!("../../.env.example");

/// Settings whose values are never displayed.
const SECRET: [&str; 3] = ["SECRET_KEY", "SECRET_KEY_OLD", "STRIPE_WEBHOOK_SECRET"];

/// Displayed instead of a secret.
const HIDDEN: &str = "(hidden)";

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Default,
    /// The environment or the file `.env`.
    Set,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub name: &'static str,
    /// With secrets replaced.
    pub value: String,
    pub source: Source,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Default => "default",
            Self::Set => "set",
        })
    }
}

/// All settings, in the order of `.env.example`.
///
/// # Errors
/// The file `.env` cannot be read.
pub fn effective() -> Result<Vec<Setting>, ConfigError> {
    Ok(of(&settings::environment()?))
}

/// Unknown names in the file `.env`, each with the setting that was probably meant.
///
/// Ignores the environment, most of which belongs to other programs.
///
/// # Errors
/// The file cannot be read.
pub fn unknown() -> Result<Vec<(String, Option<&'static str>)>, ConfigError> {
    let written = settings::file()?.into_keys();
    let mut unknown: Vec<_> = written.filter(|name| documented().all(|(known, _)| known != name)).collect();
    unknown.sort();
    Ok(unknown.into_iter().map(|name| (meant(&name), name)).map(|(meant, name)| (name, meant)).collect())
}

/// Names in the environment that resemble a setting, each with that setting.
///
/// Ignores all other names: most of the environment belongs to other programs.
#[must_use]
pub fn misspelt_in_environment() -> Vec<(String, &'static str)> {
    let set = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    // Kubernetes describes each Service in every pod's environment: for a Service named `tollgate` it sets
    // TOLLGATE_PORT=tcp://10.0.0.1:8080.
    let own = set.filter(|(_, value)| !value.is_empty() && !value.to_string_lossy().starts_with("tcp://"));
    let mut misspelt: Vec<_> = own.filter_map(|(name, _)| similar_setting(&name).map(|meant| (name, meant))).collect();
    misspelt.sort();
    misspelt
}

/// The setting that a name in the environment resembles. Short settings such as PORT are skipped, because too many
/// other names differ from them by a letter or two.
fn similar_setting(name: &str) -> Option<&'static str> {
    if documented().any(|(known, _)| known == name) {
        return None;
    }
    match name.strip_prefix("TOLLGATE_") {
        Some(rest) => meant(rest),
        None => meant(name).filter(|known| known.len() >= 8),
    }
}

/// Whether the file `.env` contains a secret. Ignores an unreadable file, which is reported elsewhere.
#[must_use]
pub fn file_has_secrets() -> bool {
    settings::file().is_ok_and(|set| set.keys().any(|name| SECRET.contains(&name.as_str())))
}

fn of(set: &HashMap<String, String>) -> Vec<Setting> {
    let setting = |(name, default): (&'static str, &str)| match set.get(name).filter(|value| !value.is_empty()) {
        Some(value) => Setting { name, value: display_value(name, value), source: Source::Set },
        None => {
            Setting { name, value: computed(name, set).unwrap_or_else(|| default.to_owned()), source: Source::Default }
        }
    };
    documented().map(setting).collect()
}

/// A default that depends on the machine or on other settings.
fn computed(name: &str, set: &HashMap<String, String>) -> Option<String> {
    match name {
        "READS_KEEP" => {
            let config = Config::from_values(set.clone()).ok()?;
            Some(duration::write(config.retention.reads))
        }
        "SHUTDOWN_DELAY" => {
            let host = set.get("HOST").filter(|host| !host.is_empty())?;
            Some(format!("{}s", default_shutdown_delay(host).as_secs()))
        }
        "DATABASE_CONNECTIONS" => Some(DatabaseLimits::default().connections.to_string()),
        "HASH_THREADS" => Some(super::password::default_threads().to_string()),
        _ => None,
    }
}

/// Names and defaults from `.env.example`.
fn documented() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = EXAMPLE.lines().filter_map(|line| line.strip_prefix("# ")?.split_once('='));
    lines.filter(|(name, _)| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
}

fn display_value(name: &str, value: &str) -> String {
    match value.split_once("://") {
        _ if SECRET.contains(&name) => HIDDEN.to_owned(),
        Some((scheme, rest)) if name == "DATABASE_URL" && scheme != "sqlite" => {
            format!("{scheme}://{}", without_password(rest))
        }
        _ => value.to_owned(),
    }
}

/// Removes what may be a password from an address: before the host, or among the parameters. If these parts cannot be
/// told apart, because an unencoded password contains a separator, the complete address is hidden.
fn without_password(address: &str) -> String {
    let (credentials, rest) = match address.split_once('@') {
        Some((credentials, rest)) => (Some(credentials), rest),
        None => (None, address),
    };
    let is_plain = !rest.contains('@') && !credentials.is_some_and(|before| before.contains(['?', '/']));
    let place = rest.split('?').next().filter(|_| is_plain);
    match (credentials, place) {
        (_, None) => HIDDEN.to_owned(),
        (Some(_), Some(place)) => format!("{HIDDEN}@{place}"),
        (None, Some(place)) => place.to_owned(),
    }
}

/// The most similar setting, if the difference is small enough to be a typo.
fn meant(name: &str) -> Option<&'static str> {
    let distance = |known: &str| strsim::damerau_levenshtein(known, name);
    let nearest = documented().map(|(known, _)| known).min_by_key(|known| distance(known))?;
    (distance(nearest) <= 2).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value<'s>(settings: &'s [Setting], name: &str) -> &'s str {
        settings.iter().find(|setting| setting.name == name).map_or("", |setting| &setting.value)
    }

    #[test]
    fn the_documented_defaults_are_the_real_ones() {
        let written = documented().map(|(name, default)| (name.to_owned(), default.to_owned())).collect();
        let written = Config::from_values(written).expect("the documented values are valid");
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
    fn a_password_is_hidden_wherever_it_is_in_an_address() {
        for secret in [
            "ada:hunter22@db/x?password=hunter22",
            "ada:a@hunter22@db/x",
            "ada:a/hunter22@db/x",
            "ada:1?hunter22@db/x",
            "db/x?user=ada@db&password=hunter22",
            "db/x?password=hunter22",
        ] {
            let shown = display_value("DATABASE_URL", &format!("postgres://{secret}"));
            assert!(shown.starts_with("postgres://") && !shown.contains("hunter22"), "{secret}: {shown}");
        }
        assert_eq!(display_value("DATABASE_URL", "postgres://db/x?sslmode=require"), "postgres://db/x");
        assert_eq!(display_value("DATABASE_URL", "sqlite:///srv/a@b/x.db"), "sqlite:///srv/a@b/x.db");
    }

    #[test]
    fn a_setting_that_is_not_set_has_its_default() {
        let shown = of(&HashMap::from([("PORT".to_owned(), "9000".to_owned()), ("HOST".to_owned(), String::new())]));
        assert_eq!((value(&shown, "PORT"), value(&shown, "HOST")), ("9000", "127.0.0.1"));
        assert_eq!(value(&shown, "SHUTDOWN_DELAY"), "0s");
        assert_eq!(value(&of(&HashMap::from([("HOST".to_owned(), "0.0.0.0".to_owned())])), "SHUTDOWN_DELAY"), "5s");
        assert!(shown.iter().all(|setting| (setting.source == Source::Set) == (setting.name == "PORT")));
    }

    #[test]
    fn a_default_that_depends_on_another_setting_is_computed() {
        let shown = |period: &str| {
            value(&of(&HashMap::from([("READS_PERIOD".to_owned(), period.to_owned())])), "READS_KEEP").to_owned()
        };
        assert_eq!((shown(""), shown("1d")), ("60d".to_owned(), "31d".to_owned()));
    }

    #[test]
    fn a_typo_is_recognized() {
        assert_eq!(meant("SECERT_KEY"), Some("SECRET_KEY"));
        assert_eq!(meant("COOKIES_SECURE"), Some("COOKIE_SECURE"));
        assert_eq!(meant("EDITOR"), None);
    }

    #[test]
    fn only_names_that_resemble_a_setting_are_reported_from_the_environment() {
        let expected = [
            ("READ_LIMIT", Some("READS_LIMIT")),
            ("COOKIES_SECURE", Some("COOKIE_SECURE")),
            ("TOLLGATE_PORT", Some("PORT")),
            ("TOLLGATE_READ_LIMIT", Some("READS_LIMIT")),
            ("READS_LIMIT", None),
            ("PATH", None),
            ("HOME", None),
            ("POST", None),
            ("TOLLGATE_VERSION", None),
        ];
        for (name, meant) in expected {
            assert_eq!(similar_setting(name), meant, "{name}");
        }
    }
}
