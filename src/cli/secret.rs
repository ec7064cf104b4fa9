//! The key of the server, for commands that need it.

use std::path::Path;

use anyhow::Context as _;

use crate::config::{Config, KEY_FILE, SecretKey};

/// Reads the key. Unlike the server, a command never creates one.
pub(super) fn secret(config: &Config, purpose: &str) -> anyhow::Result<SecretKey> {
    match &config.cookie.secret_key {
        Some(secret) => Ok(secret.clone()),
        None => {
            SecretKey::read(Path::new(KEY_FILE)).with_context(|| format!("SECRET_KEY is needed {purpose}: {KEY_FILE}"))
        }
    }
}
