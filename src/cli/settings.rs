//! `tollgate config`

use std::collections::BTreeMap;

use super::{show, table};
use crate::config;

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
