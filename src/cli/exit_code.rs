//! The status that the process ends with, by which service managers tell a mistake from an outage. The numbers are those
//! of `sysexits.h`, which systemd knows by name. <https://man.freebsd.org/cgi/man.cgi?query=sysexits>

use std::process::ExitCode;

use crate::{config::ConfigError, db::DbError};

/// The settings cannot be used: starting again does not help. `EX_CONFIG`.
const CONFIG: u8 = 78;

/// The database cannot be used now: starting again later may help. `EX_UNAVAILABLE`.
const UNAVAILABLE: u8 = 69;

const FAILURE: u8 = 1;

/// The status for an error, by its cause.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    ExitCode::from(status(error))
}

fn status(error: &anyhow::Error) -> u8 {
    error.chain().find_map(known).unwrap_or(FAILURE)
}

fn known(cause: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if cause.is::<ConfigError>() {
        return Some(CONFIG);
    }
    cause.downcast_ref().map(of_database)
}

/// Without a wildcard: whoever adds an error decides.
fn of_database(error: &DbError) -> u8 {
    match error {
        DbError::Unavailable(_) | DbError::NewerSchema { .. } | DbError::MayNotMigrate => UNAVAILABLE,
        DbError::Url(_) => CONFIG,
        DbError::NotUnique(_)
        | DbError::BackupExists(_)
        | DbError::OwnerGone(_)
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
    fn the_cause_decides_however_deep_it_is() {
        let unavailable = || DbError::Unavailable("it is away".to_owned());
        let failed = |error: anyhow::Result<()>| status(&error.expect_err("it failed"));
        assert_eq!(failed(Err(ConfigError(Vec::new()).into())), CONFIG);
        assert_eq!(failed(Err(unavailable().into())), UNAVAILABLE);
        assert_eq!(failed(Err(StartError::Database(unavailable()).into())), UNAVAILABLE);
        assert_eq!(failed(Err(unavailable()).context("while importing")), UNAVAILABLE);
        assert_eq!(failed(Err(StartError::Database(DbError::Url("no address".to_owned())).into())), CONFIG);
        assert_eq!(failed(Err(DbError::Query("no such table".to_owned()).into())), FAILURE);
        assert_eq!(failed(Err(anyhow::anyhow!("no such user"))), FAILURE);
    }
}
