//! The files that hold secrets.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use super::{Finding, warning};
use crate::config::{self, Config, DatabaseUrl};

/// The database has addresses and hashes.
pub(super) fn others(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    if config::file_has_secrets() && others_may_read(Path::new(".env")) {
        findings.push(warning(".env", "holds a secret, and others may read it: chmod 600 it"));
    }
    if let DatabaseUrl::Sqlite(path) = &config.database
        && others_may_read(path)
    {
        findings
            .push(warning("DATABASE_URL", format!("names {}, which others may read: chmod 600 it", path.display())));
    }
    findings
}

pub(super) fn others_may_read(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}
