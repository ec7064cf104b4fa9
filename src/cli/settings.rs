//! `tollgate config` and `tollgate reference`

use std::{collections::BTreeMap, io::Write};

use anyhow::bail;
use clap::{Args, ValueEnum};
use serde_json::json;

use super::{output::stdout, show, table};
use crate::{
    config::{self, Config, Contract, Effective, Explanation},
    http::openapi,
};

#[derive(Debug, Args)]
pub(super) struct Settings {
    /// A setting to explain
    name: Option<String>,
}

/// A generated document.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Reference {
    /// docs/reference/settings.md
    Settings,
    /// .env.example
    Env,
    /// The API description of servers with CONTRACT=classic, the default
    Openapi,
    /// The API description of servers with CONTRACT=modern
    OpenapiModern,
}

pub(super) fn run(json: bool, settings: &Settings) -> anyhow::Result<()> {
    match &settings.name {
        Some(name) => explain(json, &name.to_ascii_uppercase()),
        None => list(json),
    }
}

/// Writes the effective settings, and an error if the server would not start with them.
fn list(json: bool) -> anyhow::Result<()> {
    let settings = config::effective()?;
    if json {
        let values: BTreeMap<_, _> = settings.iter().map(|setting| (&setting.name, &setting.value)).collect();
        show(true, &values, String::new)?;
    } else {
        let row =
            |setting: &Effective| vec![format!("{}={}", setting.name, setting.value), format!("({})", setting.source)];
        table(settings.iter().map(row))?;
    }
    // Listed all the same, because the list shows where an invalid value comes from.
    Ok(Config::load().map(drop)?)
}

fn explain(json: bool, name: &str) -> anyhow::Result<()> {
    let Some(Explanation { section, about, values, default, is_secret, effective }) = config::explain(name)? else {
        match config::closest_setting(name) {
            Some(meant) => bail!("{name} is not a setting: did you mean {meant}?"),
            None => bail!("{name} is not a setting; `tollgate config` lists all settings"),
        }
    };
    let (value, source) = (effective.value, effective.source.to_string());
    let object = json!({
        "name": name,
        "section": section,
        "about": about,
        "values": values,
        "default": default,
        "is_secret": is_secret,
        "value": value,
        "source": source,
    });
    show(json, &object, || format!("{name}={value}  ({source})\n\n{about}\n\nValue:    {values}\nDefault:  {default}"))
}

/// Writes a generated document.
pub(super) fn reference(reference: Reference) -> anyhow::Result<()> {
    let text = match reference {
        Reference::Settings => config::settings_page(),
        Reference::Env => config::env_file(),
        Reference::Openapi => openapi::yaml(Contract::Classic)?,
        Reference::OpenapiModern => openapi::yaml(Contract::Modern)?,
    };
    Ok(stdout().write_all(text.as_bytes())?)
}
