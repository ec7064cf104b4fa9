//! The files that hold secrets, and the key itself.

use std::{fs, io, os::unix::fs::PermissionsExt, path::Path};

use super::{Finding, fault, warning};
use crate::config::{self, Config, DatabaseUrl, SecretKey};

pub(super) fn key(config: &Config, file: &Path) -> Option<Finding> {
    if let Some(key) = &config.cookie.secret_key {
        let text = "consists of a few characters again and again: make one with openssl rand -hex 32";
        return key.is_monotonous().then(|| warning("SECRET_KEY", text));
    }
    if matches!(config.database, DatabaseUrl::Postgres(_)) {
        let text = "is not set: each node makes a key of its own, and refuses the sessions of the others";
        return Some(warning("SECRET_KEY", text));
    }
    match SecretKey::read(file) {
        Ok(_) if others_may_read(file) => {
            let text = format!("is not set, and others may read {}: chmod 600 it", file.display());
            Some(fault("SECRET_KEY", text))
        }
        Ok(_) => None,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            let text = "is not set: the server makes one at its start, for which no session of before is one";
            Some(warning("SECRET_KEY", format!("{text}, in {}", file.display())))
        }
        Err(cause) => Some(fault("SECRET_KEY", format!("is not set, and {} is no key: {cause}", file.display()))),
    }
}

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

fn others_may_read(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::tests::{config, settings};

    #[test]
    fn nodes_have_one_key() {
        let nowhere = Path::new("/nonexistent/key");
        let look = [("SECRET_KEY".to_owned(), false)];
        assert_eq!(settings(key(&config(&[("DATABASE_URL", "postgres://db/x")]), nowhere)), look);
        assert_eq!(settings(key(&config(&[]), nowhere)), look);
        let of = |secret: &str| settings(key(&config(&[("SECRET_KEY", secret)]), nowhere));
        assert_eq!(of("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"), []);
        assert_eq!(of(&"ab".repeat(32)), look);
    }

    #[test]
    fn a_file_that_holds_no_key_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("key");
        let of = |text: &str, mode| {
            fs::write(&file, text).expect("a file");
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("its mode");
            settings(key(&config(&[]), &file))
        };
        let wrong = [("SECRET_KEY".to_owned(), true)];
        assert_eq!(of(&"k".repeat(64), 0o600), []);
        assert_eq!(of(&"k".repeat(64), 0o644), wrong);
        assert_eq!(of("short", 0o600), wrong);
        assert_eq!(of("", 0o600), wrong);
    }
}
