//! The exit status of the process, by which service managers distinguish a misconfiguration from an outage. The numbers
//! are those of `sysexits.h`, whose names systemd uses. <https://man.freebsd.org/cgi/man.cgi?query=sysexits>

use std::process::ExitCode;

use serde::Serialize;

use crate::{
    accounts::first_admin::InvalidFirstAdmin,
    config::ConfigError,
    db::DbError,
    mail::{TemplateError, TransportError},
};

/// What a command names, such as a user, does not exist.
const NOT_FOUND: u8 = 4;

/// The settings are unusable; a restart does not help. `EX_CONFIG`.
const CONFIG: u8 = 78;

/// The database is currently unusable; a restart later may help. `EX_UNAVAILABLE`.
const UNAVAILABLE: u8 = 69;

const FAILURE: u8 = 1;

/// What a command names does not exist. The text says what.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NotFound(pub(super) String);

/// An error as programs read it, with `--json`.
#[derive(Serialize)]
struct ErrorBody {
    error: String,
    code: &'static str,
}

/// An error as it is printed: one line of JSON, or text with the name of the program in front of each line.
#[must_use]
pub fn error_text(error: &anyhow::Error, json: bool) -> String {
    let text = format!("{error:#}");
    let body = ErrorBody { error: text.clone(), code: code(status(error)) };
    match serde_json::to_string(&body) {
        Ok(body) if json => format!("{body}\n"),
        _ => text.lines().map(|line| format!("tollgate: {line}\n")).collect(),
    }
}

fn code(status: u8) -> &'static str {
    match status {
        NOT_FOUND => "not_found",
        CONFIG => "invalid_settings",
        UNAVAILABLE => "unavailable",
        _ => "failed",
    }
}

/// Returns the exit status for an error, according to its cause.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    ExitCode::from(status(error))
}

fn status(error: &anyhow::Error) -> u8 {
    error.chain().find_map(known).unwrap_or(FAILURE)
}

fn known(cause: &(dyn std::error::Error + 'static)) -> Option<u8> {
    let is_setting = cause.is::<ConfigError>() || cause.is::<InvalidFirstAdmin>();
    if is_setting || cause.is::<TemplateError>() || cause.is::<TransportError>() {
        return Some(CONFIG);
    }
    if cause.is::<NotFound>() {
        return Some(NOT_FOUND);
    }
    cause.downcast_ref().map(of_database)
}

/// Has no wildcard, so that adding an error requires a decision.
fn of_database(error: &DbError) -> u8 {
    match error {
        DbError::Unavailable(_)
        | DbError::NewerSchema { .. }
        | DbError::UnreleasedSchema
        | DbError::TransactionPooler
        | DbError::MayNotMigrate => UNAVAILABLE,
        DbError::Url(_) => CONFIG,
        DbError::NotUnique(_)
        | DbError::BackupExists(_)
        | DbError::MissingReference(_)
        | DbError::OldSchema
        | DbError::Query(_) => FAILURE,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;
    use crate::server::StartError;

    #[test]
    fn the_status_depends_on_the_cause_at_any_depth() {
        let unavailable = || DbError::Unavailable("connection refused".to_owned());
        let failed = |error: anyhow::Result<()>| status(&error.expect_err("an error"));
        assert_eq!(failed(Err(ConfigError(Vec::new()).into())), CONFIG);
        assert_eq!(failed(Err(unavailable().into())), UNAVAILABLE);
        assert_eq!(failed(Err(StartError::Database(unavailable()).into())), UNAVAILABLE);
        assert_eq!(failed(Err(unavailable()).context("while importing")), UNAVAILABLE);
        assert_eq!(failed(Err(StartError::Database(DbError::Url("invalid URL".to_owned())).into())), CONFIG);
        assert_eq!(failed(Err(DbError::Query("no such table".to_owned()).into())), FAILURE);
        assert_eq!(failed(Err(anyhow::anyhow!("the passwords do not match"))), FAILURE);
        assert_eq!(failed(Err(NotFound("user not found: ada".to_owned()).into())), NOT_FOUND);
    }

    #[test]
    fn an_error_is_text_or_one_line_of_json() {
        let error = anyhow::Error::from(NotFound("user not found: \"ada\"\nor eve".to_owned()));
        assert_eq!(error_text(&error, false), "tollgate: user not found: \"ada\"\ntollgate: or eve\n");
        let json = "{\"error\":\"user not found: \\\"ada\\\"\\nor eve\",\"code\":\"not_found\"}\n";
        assert_eq!(error_text(&error, true), json);
    }
}
