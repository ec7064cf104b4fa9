//! `tollgate config`

use std::{collections::BTreeMap, io::Write};

use clap::ValueEnum;

use super::{output::stdout, show, table};
use crate::config;

/// A generated document.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Reference {
    /// docs/reference/settings.md
    Settings,
    /// .env.example
    Env,
}

/// Writes the effective settings.
pub(super) fn list(json: bool) -> anyhow::Result<()> {
    let settings = config::effective()?;
    if json {
        let values: BTreeMap<_, _> = settings.iter().map(|setting| (setting.name, &setting.value)).collect();
        return show(true, &values, String::new);
    }
    table(
        settings
            .iter()
            .map(|setting| vec![format!("{}={}", setting.name, setting.value), format!("({})", setting.source)]),
    )
}

/// Writes a generated document.
pub(super) fn reference(reference: Reference) -> anyhow::Result<()> {
    let text = match reference {
        Reference::Settings => config::settings_page(),
        Reference::Env => config::env_file(),
    };
    Ok(stdout().write_all(text.as_bytes())?)
}
