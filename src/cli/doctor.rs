//! `tollgate doctor`

use anyhow::bail;

use super::output::{show, table};
use crate::doctor::{self, Finding, Severity};

/// Writes the findings.
///
/// # Errors
/// There is at least one error.
pub(super) async fn run(json: bool) -> anyhow::Result<()> {
    let findings = doctor::examine().await;
    if json {
        show(true, &findings, String::new)?;
    } else {
        table(findings.iter().map(|Finding { setting, severity, text }| {
            let severity = match severity {
                Severity::Error => "error",
                Severity::Unsafe | Severity::Warning => "warning",
                Severity::Note => "note",
            };
            vec![severity.to_owned(), setting.clone(), text.clone()]
        }))?;
    }
    match findings.iter().filter(|finding| finding.severity.is_error()).count() {
        0 if !json && findings.is_empty() => show(false, &(), || "no problems found".to_owned()),
        0 => Ok(()),
        errors => bail!("errors found: {errors}"),
    }
}
