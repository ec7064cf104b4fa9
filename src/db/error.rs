//! Database errors, classified as the layers above need them.

use std::error::Error;

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// The texts are for the log and the command line, never for an HTTP client.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DbError {
    /// The database is unreachable, full, read-only, locked or too slow: retrying later may help.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// The text contains the name of the constraint or its columns.
    #[error("unique constraint violated: {0}")]
    NotUnique(String),
    /// The row that this row refers to does not exist any more.
    #[error("foreign key violated: {0}")]
    MissingReference(String),
    /// The database's address is invalid.
    #[error("{0}")]
    Url(String),
    #[error("{0} already exists; a backup must be a new file")]
    BackupExists(String),
    #[error("the database schema is not up to date; run `tollgate migrate` or start the server to migrate it")]
    OldSchema,
    #[error(
        "the database schema is not up to date, and this role may not create tables in it; run `tollgate migrate` \
         as the owner of the tables"
    )]
    MayNotMigrate,
    /// A newer version has changed the schema in a way that this binary cannot work with.
    #[error(
        "the database schema is too new for this version of tollgate: it needs migration {needs}, and the newest \
         one of this version is {newest}; start a newer version, or restore a backup from before the upgrade"
    )]
    NewerSchema {
        /// The oldest compatible migration, or the newest applied one if none is declared.
        needs: String,
        newest: String,
    },
    /// The database has migrations that no released version ever had.
    #[error(
        "this database was created by an unreleased version of tollgate and cannot be upgraded; save its users with that \
         version (`tollgate user export`, without their passwords) if you need them, and start with a new database"
    )]
    UnreleasedSchema,
    #[error(
        "DATABASE_URL points to a pooler that uses a different connection for each transaction, such as PgBouncer with \
         pool_mode=transaction; use pool_mode=session, or connect to PostgreSQL directly"
    )]
    TransactionPooler,
    /// The query itself is wrong, which is a bug in tollgate.
    #[error("the query failed: {0}")]
    Query(String),
}

impl From<getrandom::Error> for DbError {
    fn from(error: getrandom::Error) -> Self {
        Self::Unavailable(format!("no random numbers: {error}"))
    }
}

impl From<DieselError> for DbError {
    /// Both databases report a full disk, locks, timeouts and I/O errors as `Unknown`. A wrong statement is `Unknown`
    /// as well: only the messages differ, and PostgreSQL translates them.
    fn from(error: DieselError) -> Self {
        use DatabaseErrorKind::{
            ClosedConnection, ForeignKeyViolation, ReadOnlyTransaction, SerializationFailure, UnableToSendCommand,
            UniqueViolation, Unknown,
        };
        match error {
            DieselError::DatabaseError(UniqueViolation, info) => {
                Self::NotUnique(info.constraint_name().unwrap_or_else(|| info.message()).to_owned())
            }
            DieselError::DatabaseError(ForeignKeyViolation, info) => Self::MissingReference(info.message().to_owned()),
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
    pub(super) fn unavailable(error: &(dyn Error + 'static)) -> Self {
        Self::Unavailable(with_causes(error))
    }
}

/// Formats an error with all its causes.
pub(super) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
