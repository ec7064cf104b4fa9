//! `tollgate doctor`

use anyhow::bail;

use super::output::{show, table};
use crate::doctor::{self, Finding};

/// Writes the findings.
///
/// # Errors
/// There is at least one error.
pub(super) async fn run(json: bool) -> anyhow::Result<()> {
    let findings = doctor::examine().await;
    if json {
        show(true, &findings, String::new)?;
    } else {
        table(findings.iter().map(|Finding { setting, is_error, text }| {
            vec![if *is_error { "error" } else { "warning" }.to_owned(), setting.clone(), text.clone()]
        }))?;
    }
    match findings.iter().filter(|finding| finding.is_error).count() {
        0 if !json && findings.is_empty() => show(false, &(), || "no problems found".to_owned()),
        0 => Ok(()),
        errors => bail!("errors found: {errors}"),
    }
}
