//! Checks the keys, and who may read the files that contain secrets.

use std::{fs, io, os::unix::fs::PermissionsExt, path::Path};

use super::{Finding, error, unsafe_setting, warning};
use crate::{
    accounts::first_admin::FirstAdmin,
    config::{self, Config, CookieConfig, DatabaseUrl, SecretKey},
};

/// A first admin whom the server would refuse to add.
pub(super) fn first_admin(config: &Config) -> Option<Finding> {
    let invalid = FirstAdmin::of(&config.password, config.mail.is_on()).err()?;
    Some(error(invalid.setting, invalid.reason))
}

pub(super) fn review(cookie: &CookieConfig) -> Vec<Finding> {
    let (key, old) = (cookie.secret_key.as_ref(), cookie.old_secret_key.as_ref());
    let mut findings = Vec::new();
    if key.is_some_and(SecretKey::is_repetitive) {
        let text = "repeats a few characters, so that it can be guessed: generate a key with openssl rand -hex 32";
        findings.push(unsafe_setting("SECRET_KEY", text));
    }
    if old.is_some() && old == key {
        let text = "is the same as SECRET_KEY, so no key was replaced. Set SECRET_KEY to the new key, or remove \
                    SECRET_KEY_OLD";
        findings.push(warning("SECRET_KEY_OLD", text));
    }
    findings
}

pub(super) fn examine(config: &Config, file: &Path) -> Option<Finding> {
    match &config.cookie.secret_key {
        Some(key) => unused(config, key, file),
        None => of_file(config, file),
    }
}

/// A key file that is not read, because the setting is present.
fn unused(config: &Config, key: &SecretKey, file: &Path) -> Option<Finding> {
    let found = SecretKey::read(file).ok()?;
    let is_set = |key: &SecretKey| *key == found;
    let file = file.display();
    let text = if is_set(key) || config.cookie.old_secret_key.as_ref().is_some_and(is_set) {
        format!("is set, so the same key in {file} is not used: delete the file")
    } else {
        format!(
            "is set, so the key in {file} is not used: users who signed in with it are signed out. Set \
             SECRET_KEY_OLD to that key until those sessions have ended, and delete the file"
        )
    };
    Some(warning("SECRET_KEY", text))
}

fn of_file(config: &Config, file: &Path) -> Option<Finding> {
    if matches!(config.database, DatabaseUrl::Postgres(_)) {
        let text = "is not set: each node generates its own key, and rejects the sessions of the others";
        return Some(warning("SECRET_KEY", text));
    }
    match SecretKey::read(file) {
        Ok(_) if others_may_read(file) => {
            let text = format!("is not set, and other users can read {}: run chmod 600 on it", file.display());
            Some(error("SECRET_KEY", text))
        }
        Ok(_) => None,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            let text = "is not set: the server generates a key when it starts, which invalidates existing sessions";
            Some(warning("SECRET_KEY", format!("{text}, in {}", file.display())))
        }
        Err(cause) => Some(error(
            "SECRET_KEY",
            format!("is not set, and {} does not contain a valid key: {cause}", file.display()),
        )),
    }
}

/// The database contains email addresses and password hashes.
pub(super) fn files(config: &Config) -> Vec<Finding> {
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

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;
    use crate::doctor::tests::{config, settings};

    #[test]
    fn nodes_have_one_key() {
        let nowhere = Path::new("/nonexistent/key");
        let look = [("SECRET_KEY".to_owned(), false)];
        assert_eq!(settings(examine(&config(&[("DATABASE_URL", "postgres://db/x")]), nowhere)), look);
        assert_eq!(settings(examine(&config(&[]), nowhere)), look);
        let of = |secret: &str| settings(review(&config(&[("SECRET_KEY", secret)]).cookie));
        assert_eq!(of("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"), []);
        assert_eq!(of(&"ab".repeat(32)), look);
    }

    #[test]
    fn an_invalid_or_exposed_key_file_is_reported() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("key");
        let of = |text: &str, mode| {
            fs::write(&file, text).expect("a file");
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("its mode");
            settings(examine(&config(&[]), &file))
        };
        let wrong = [("SECRET_KEY".to_owned(), true)];
        assert_eq!(of(&"k".repeat(64), 0o600), []);
        assert_eq!(of(&"k".repeat(64), 0o644), wrong);
        assert_eq!(of("short", 0o600), wrong);
        assert_eq!(of("", 0o600), wrong);
    }

    #[test]
    fn a_repeated_or_unused_key_is_reported() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("key");
        let (key, old) = ("0123456789abcdef".repeat(4), "fedcba9876543210".repeat(4));
        let of = |values: &[(&str, &str)]| {
            let config = config(values);
            settings(review(&config.cookie).into_iter().chain(examine(&config, &file)))
        };
        let look = |name: &str| (name.to_owned(), false);
        let (new, kept) = (("SECRET_KEY", key.as_str()), ("SECRET_KEY_OLD", old.as_str()));
        assert_eq!(of(&[new, kept]), []);
        assert_eq!(of(&[new, ("SECRET_KEY_OLD", &key)]), [look("SECRET_KEY_OLD")]);
        fs::write(&file, &old).expect("a file");
        assert_eq!(of(&[new]), [look("SECRET_KEY")]);
        assert_eq!(of(&[new, kept]), [look("SECRET_KEY")]);
        let text = |values: &[(&str, &str)]| examine(&config(values), &file).expect("a finding").text;
        assert!(
            text(&[new]).contains("Set SECRET_KEY_OLD to that key") && text(&[new, kept]).ends_with("delete the file")
        );
    }
}
