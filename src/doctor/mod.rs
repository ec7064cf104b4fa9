//! Checks for common mistakes that are hard to find, and names the setting to change: for `tollgate doctor` and the console.

mod anonymous;
mod database;
mod exposure;
mod finding;
mod keys;
mod limits;
mod mail;
mod oidc;
mod site;

use std::path::Path;

pub use self::finding::{Finding, Severity};
use self::finding::{error, note, unsafe_setting, warning};
use crate::{
    config::{self, Config, ConfigError, KEY_FILE},
    db::{Db, DbError},
};

/// Examines the settings of the environment, and what they name.
pub async fn examine() -> Vec<Finding> {
    let config = match Config::load() {
        Ok(config) => config,
        Err(ConfigError(errors)) => return errors.iter().map(|text| refused(text)).collect(),
    };
    let mut findings = of_settings(&config);
    findings.extend(exposure::forwarding(&config.server).await);
    findings.extend(mail::examine(&config).await);
    // Unreadable settings have already been reported.
    findings.extend(oidc::examine(&config, &config::effective().unwrap_or_default()).await);
    findings.extend(database::pooler(&config).await);
    findings.extend(database::examine(&config).await);
    findings
}

/// Examines the settings of a server that runs, and of its database what takes no time, whatever its size.
///
/// # Errors
/// The database is unavailable.
pub async fn examine_running(config: &Config, db: &Db) -> Result<Vec<Finding>, DbError> {
    let mut findings = of_settings(config);
    findings.extend(database::quick(db, config).await?);
    Ok(findings)
}

/// Reviews the settings alone: what the server logs when it starts.
#[must_use]
pub fn review(config: &Config) -> Vec<Finding> {
    let mut findings = misspelt();
    // An unreadable file has already been reported.
    findings.extend(config::quoted().unwrap_or_default().iter().map(|name| quoted(name)));
    findings.extend(keys::review(&config.cookie));
    findings.extend(site::public_url(public_url().as_deref()));
    findings.extend(site::cookies(config));
    findings.extend(site::proxies(&config.server));
    findings.extend(exposure::testing(config));
    findings.extend(site::origins(&config.server, config.cookie.secure));
    findings.extend(site::billing(&config.billing));
    findings.extend(site::test_payment_link(config));
    findings.extend(site::app_origin(config));
    findings.extend(mail::review(config));
    findings.extend(limits::review(config));
    findings.extend(anonymous::review(config));
    findings
}

/// Reviews the settings, and what they need of this machine.
fn of_settings(config: &Config) -> Vec<Finding> {
    let mut findings = review(config);
    findings.extend(keys::examine(config, Path::new(KEY_FILE)));
    findings.extend(keys::files(config));
    findings.extend(keys::first_admin(config));
    findings.extend(limits::open_files(config));
    findings
}

/// Returns the setting as written: only the origin of it is used elsewhere.
fn public_url() -> Option<String> {
    // Unreadable settings have already been reported.
    let settings = config::effective().unwrap_or_default();
    settings.into_iter().find(|setting| setting.name == "PUBLIC_URL").map(|setting| setting.value)
}

/// Reports a setting that is invalid on its own. The message starts with the name of the setting.
fn refused(text: &str) -> Finding {
    let (setting, text) = text.split_once(' ').unwrap_or(("", text));
    error(setting, text)
}

/// Reports a value that is valid with its quotation marks, such as a secret.
fn quoted(setting: &str) -> Finding {
    warning(
        setting,
        "has quotation marks that are part of its value; Docker's --env-file, unlike .env, does not remove them",
    )
}

fn misspelt() -> Vec<Finding> {
    // An unreadable file has already been reported.
    let unknown = config::unknown().unwrap_or_default().into_iter();
    let text = |(name, meant): (String, Option<&str>)| match meant {
        Some(meant) => format!("{name} is not a setting: did you mean {meant}?"),
        None => format!("{name} is not a setting"),
    };
    let in_file = unknown.map(|found| warning(".env", text(found)));
    let in_environment = config::misspelt_in_environment().into_iter();
    let in_environment = in_environment.map(|(name, meant)| warning("environment", text((name, Some(meant)))));
    in_file.chain(in_environment).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn config(values: &[(&str, &str)]) -> Config {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::from_values(values.collect()).expect("settings")
    }

    /// The settings that the findings name, each with whether it is an error.
    pub(super) fn settings(findings: impl IntoIterator<Item = Finding>) -> Vec<(String, bool)> {
        findings.into_iter().map(|finding| (finding.setting, finding.severity.is_error())).collect()
    }
}
