//! `tollgate doctor`: the mistakes that cost people hours, each with the setting to change.

mod database;
mod exposure;
mod files;
mod keys;
mod limits;
mod pooler;
mod site;

use std::path::Path;

use anyhow::bail;
use serde::Serialize;

use super::{show, table};
use crate::{
    config::{self, Config, ConfigError},
    server::KEY_FILE,
};

/// What was found.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Finding {
    setting: String,
    /// Whether something does not work, rather than may not be meant.
    // Scripts that read `doctor --json` know it by this name.
    #[serde(rename = "is_fault")]
    is_error: bool,
    text: String,
}

fn error(setting: &str, text: impl Into<String>) -> Finding {
    Finding { setting: setting.to_owned(), is_error: true, text: text.into() }
}

fn warning(setting: &str, text: impl Into<String>) -> Finding {
    Finding { setting: setting.to_owned(), is_error: false, text: text.into() }
}

/// Writes what it finds.
///
/// # Errors
/// There is something that does not work.
pub(super) async fn run(json: bool) -> anyhow::Result<()> {
    let findings = examine().await;
    if json {
        show(true, &findings, String::new)?;
    } else {
        table(findings.iter().map(|Finding { setting, is_error, text }| {
            vec![if *is_error { "wrong" } else { "look" }.to_owned(), setting.clone(), text.clone()]
        }))?;
    }
    match findings.iter().filter(|finding| finding.is_error).count() {
        0 if !json && findings.is_empty() => show(false, &(), || "nothing is wrong".to_owned()),
        0 => Ok(()),
        errors => bail!("{errors} wrong"),
    }
}

async fn examine() -> Vec<Finding> {
    let config = match Config::load() {
        Ok(config) => config,
        Err(ConfigError(errors)) => return errors.iter().map(|text| refused(text)).collect(),
    };
    let mut findings = misspelt();
    findings.extend(keys::examine(&config, Path::new(KEY_FILE)));
    findings.extend(files::others(&config));
    findings.extend(site::public_url(public_url().as_deref()));
    findings.extend(site::cookies(&config));
    findings.extend(site::proxies(&config.server));
    findings.extend(exposure::testing(&config));
    findings.extend(exposure::forwarding(&config.server).await);
    findings.extend(site::origins(&config.server, config.cookie.secure));
    findings.extend(site::billing(&config.billing));
    findings.extend(limits::examine(&config));
    findings.extend(pooler::examine(&config).await);
    findings.extend(database::examine(&config).await);
    findings
}

/// As it was written: what is read of it is the origin alone.
fn public_url() -> Option<String> {
    // That the settings cannot be read was reported already.
    let settings = config::effective().unwrap_or_default();
    settings.into_iter().find(|setting| setting.name == "PUBLIC_URL").map(|setting| setting.value)
}

/// A setting that is wrong by itself: what is wrong with it begins with its name.
fn refused(text: &str) -> Finding {
    let (setting, text) = text.split_once(' ').unwrap_or(("", text));
    error(setting, text)
}

fn misspelt() -> Vec<Finding> {
    // A file that cannot be read was told of already.
    let unknown = config::unknown().unwrap_or_default().into_iter();
    let text = |(name, meant): (String, Option<&str>)| match meant {
        Some(meant) => format!("{name} is no setting: is {meant} meant?"),
        None => format!("{name} is no setting"),
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

    /// The settings that are named, each with whether it is wrong.
    pub(super) fn settings(findings: impl IntoIterator<Item = Finding>) -> Vec<(String, bool)> {
        findings.into_iter().map(|finding| (finding.setting, finding.is_error)).collect()
    }
}
