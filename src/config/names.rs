//! Misspelt and unknown names of settings.

use super::{ConfigError, environment, sections};

/// Unknown names in the file `.env`, each with the setting that was probably meant.
///
/// Ignores the environment, most of which belongs to other programs.
///
/// # Errors
/// The file cannot be read.
pub fn unknown() -> Result<Vec<(String, Option<&'static str>)>, ConfigError> {
    let written = environment::file()?.into_keys();
    let mut unknown: Vec<_> = written.filter(|name| sections::find(name).is_none()).collect();
    unknown.sort();
    let with_meant = |name: String| {
        let meant = closest_setting(&name);
        (name, meant)
    };
    Ok(unknown.into_iter().map(with_meant).collect())
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
    if sections::find(name).is_some() {
        return None;
    }
    match name.strip_prefix("TOLLGATE_") {
        Some(rest) => closest_setting(rest),
        None => closest_setting(name).filter(|setting| setting.len() >= 8),
    }
}

/// Settings whose values have quotation marks that are part of them.
///
/// # Errors
/// The file `.env` cannot be read.
pub fn quoted() -> Result<Vec<String>, ConfigError> {
    let values = environment::environment()?;
    let is_quoted = |(name, value): &(String, String)| environment::is_quoted(value) && sections::find(name).is_some();
    let mut quoted: Vec<_> = values.into_iter().filter(is_quoted).map(|(name, _)| name).collect();
    quoted.sort_unstable();
    Ok(quoted)
}

/// Whether the file `.env` contains a secret. Ignores an unreadable file, which is reported elsewhere.
#[must_use]
pub fn file_has_secrets() -> bool {
    let is_secret = |name: &String| sections::find(name).is_some_and(|(_, setting)| setting.is_secret());
    environment::file().is_ok_and(|set| set.keys().any(is_secret))
}

/// The most similar setting, if the difference is small enough to be a typo.
#[must_use]
pub fn closest_setting(name: &str) -> Option<&'static str> {
    let distance = |setting: &str| strsim::damerau_levenshtein(setting, name);
    let nearest = sections::all().map(|(_, setting)| setting.name()).min_by_key(|setting| distance(setting))?;
    (distance(nearest) <= 2).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_is_recognized() {
        assert_eq!(closest_setting("SECERT_KEY"), Some("SECRET_KEY"));
        assert_eq!(closest_setting("COOKIES_SECURE"), Some("COOKIE_SECURE"));
        assert_eq!(closest_setting("EDITOR"), None);
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
