//! Checks the permissions of files that contain secrets.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use super::{Finding, warning};
use crate::config::{self, Config, DatabaseUrl};

/// The database contains e-mail addresses and password hashes.
pub(super) fn others(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    if config::file_has_secrets() && others_may_read(Path::new(".env")) {
        findings.push(warning(".env", "contains a secret, but other users can read it: run chmod 600 on it"));
    }
    if let DatabaseUrl::Sqlite(path) = &config.database
        && others_may_read(path)
    {
        findings.push(warning(
            "DATABASE_URL",
            format!("names {}, which other users can read: run chmod 600 on it", path.display()),
        ));
    }
    findings
}

pub(super) fn others_may_read(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}
