//! The exit status of the process, by which service managers distinguish a misconfiguration from an outage. The numbers
//! are those of `sysexits.h`, whose names systemd uses. <https://man.freebsd.org/cgi/man.cgi?query=sysexits>

use std::process::ExitCode;

use crate::{
    config::ConfigError,
    db::DbError,
    mail::{TemplateError, TransportError},
};

/// The settings are unusable; a restart does not help. `EX_CONFIG`.
const CONFIG: u8 = 78;

/// The database is currently unusable; a restart later may help. `EX_UNAVAILABLE`.
const UNAVAILABLE: u8 = 69;

const FAILURE: u8 = 1;

/// Returns the exit status for an error, according to its cause.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    ExitCode::from(status(error))
}

fn status(error: &anyhow::Error) -> u8 {
    error.chain().find_map(known).unwrap_or(FAILURE)
}

fn known(cause: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if cause.is::<ConfigError>() || cause.is::<TemplateError>() || cause.is::<TransportError>() {
        return Some(CONFIG);
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
        assert_eq!(failed(Err(anyhow::anyhow!("no such user"))), FAILURE);
    }
}
