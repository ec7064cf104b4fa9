//! A query on its way to the thread that owns a connection, and its answer on the way back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use super::{connection::DbConnection, error::DbError};

/// A query that waits for a connection. It is run first and answered later: on SQLite a commit lies between.
pub(super) trait Job: Send {
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;

    /// Runs the query and keeps its result.
    ///
    /// # Errors
    /// The connection cannot be trusted any more.
    fn run(&mut self, connection: &mut DbConnection) -> Result<(), DbError>;

    /// Answers with the kept result, or with the fault that undid it.
    fn answer(self: Box<Self>, outcome: Result<(), DbError>);
}

/// What a query that fails takes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RollbackScope {
    /// Nothing: it changes nothing, or is one statement.
    None,
    /// What it has done itself.
    Savepoint,
    /// The whole transaction that it runs in, others' part too.
    Transaction,
}

/// The [`Job`] of a closure.
pub(super) struct Query<F, T, E> {
    body: Option<F>,
    scope: RollbackScope,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Query<F, T, E> {
    /// A query to be run, and where its answer will be found.
    pub(super) fn new(body: F, scope: RollbackScope) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (reply, answer) = oneshot::channel();
        (Self { body: Some(body), scope, result: None, reply }, answer)
    }
}

impl<F, T, E> Job for Query<F, T, E>
where
    F: FnOnce(&mut DbConnection) -> Result<T, E> + Send,
    T: Send,
    E: From<DbError> + Send,
{
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(&mut self, connection: &mut DbConnection) -> Result<(), DbError> {
        let Some(body) = self.body.take() else { return Ok(()) };
        let scope = self.scope;
        // A panic must not take the thread along; the connection, perhaps left in a transaction, is thrown away.
        let ran = catch_unwind(AssertUnwindSafe(|| match scope {
            RollbackScope::Savepoint => connection.atomically(body),
            RollbackScope::None | RollbackScope::Transaction => Ok(body(connection)),
        }));
        let result = ran.unwrap_or_else(|_| Err(DbError::Query("it panicked".to_owned())))?;
        let rolls_back_all = scope == RollbackScope::Transaction && result.is_err();
        self.result = Some(result);
        if rolls_back_all {
            Err(DbError::Unavailable("a write in the same transaction failed".to_owned()))
        } else {
            Ok(())
        }
    }

    fn answer(self: Box<Self>, outcome: Result<(), DbError>) {
        let answer = match (outcome, self.result) {
            // The cause, where it is this one that failed.
            (_, Some(Err(error))) => Err(error),
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(DbError::Query("it was not run".to_owned()).into()),
            (Err(error), _) => Err(error.into()),
        };
        // Who asked may have hung up in the meantime.
        let _ = self.reply.send(answer);
    }
}
