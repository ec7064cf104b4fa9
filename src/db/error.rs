//! What can go wrong with a query, as the layers above tell it apart.

use std::error::Error;

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Why a query gave no answer. The texts are for the log, never for a client.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DbError {
    /// The database is away, full, read-only, locked or too slow: trying again later may help.
    #[error("the database cannot serve: {0}")]
    Unavailable(String),
    /// A row like this exists already; the text holds the name of the constraint or its columns.
    #[error("not unique: {0}")]
    NotUnique(String),
    /// The row that this one belongs to is gone.
    #[error("its owner is gone: {0}")]
    OwnerGone(String),
    /// The database's address cannot be understood.
    #[error("{0}")]
    Url(String),
    /// The file that a backup was to be written to.
    #[error("{0} exists already; a backup must be a new file")]
    BackupExists(String),
    /// Migrations have not been run.
    #[error("the schema of the database is not up to date; `tollgate migrate` or the server's start brings it so")]
    OldSchema,
    /// Migrations have not been run, and this role cannot run them.
    #[error(
        "the schema of the database is not up to date, and this role may not create tables in it; run `tollgate migrate` \
         as the owner of the tables"
    )]
    MayNotMigrate,
    /// A newer version has changed the schema in a way that this binary cannot work with.
    #[error(
        "the schema of the database is too new for this version of tollgate: it needs migration {needs}, and the newest \
         one of this version is {newest}; start a newer version, or restore a backup from before the upgrade"
    )]
    NewerSchema {
        /// The oldest version that can work with the schema, as far as it is known.
        needs: String,
        /// This binary's newest migration.
        newest: String,
    },
    /// The query itself is wrong, which is a fault of the program.
    #[error("the query failed: {0}")]
    Query(String),
}

impl From<DieselError> for DbError {
    /// `Unknown` is what both databases say for lack of room, locks, time-outs and a lost disk. A faulty
    /// statement is `Unknown` as well: the messages that would tell them apart are translated on PostgreSQL.
    fn from(error: DieselError) -> Self {
        use DatabaseErrorKind::{
            ClosedConnection, ForeignKeyViolation, ReadOnlyTransaction, SerializationFailure, UnableToSendCommand,
            UniqueViolation, Unknown,
        };
        match error {
            DieselError::DatabaseError(UniqueViolation, info) => {
                Self::NotUnique(info.constraint_name().unwrap_or_else(|| info.message()).to_owned())
            }
            DieselError::DatabaseError(ForeignKeyViolation, info) => Self::OwnerGone(info.message().to_owned()),
            DieselError::DatabaseError(
                ClosedConnection | ReadOnlyTransaction | SerializationFailure | UnableToSendCommand | Unknown,
                info,
            ) => Self::Unavailable(info.message().to_owned()),
            DieselError::BrokenTransactionManager | DieselError::RollbackErrorOnCommit { .. } => {
                Self::Unavailable(error.to_string())
            }
            other => Self::Query(other.to_string()),
        }
    }
}

impl DbError {
    /// An error with all its causes, for the log.
    pub(super) fn unavailable(error: &(dyn Error + 'static)) -> Self {
        Self::Unavailable(with_causes(error))
    }
}

/// An error with all its causes.
pub(super) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
