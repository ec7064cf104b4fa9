//! Queries sent to the threads that own connections.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use super::{error::DbError, tx::Tx};

/// A queued query. Running it and answering it are separate steps because SQLite's writer commits in between.
pub(super) trait Job: Send {
    /// Whether the caller no longer waits for the answer.
    fn is_abandoned(&self) -> bool;

    /// Runs the query and stores its result.
    ///
    /// # Errors
    /// The connection must not be used again.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), DbError>;

    /// Sends the stored result to the caller, or the error that rolled it back.
    fn answer(self: Box<Self>, outcome: Result<(), DbError>);
}

/// What is rolled back if a query fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RollbackScope {
    /// Nothing: the query is read-only or a single statement.
    None,
    /// The query's own changes.
    Savepoint,
    /// The complete transaction, including the changes of other queries in it.
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
    /// Returns the query and the receiver of its answer.
    pub(super) fn new(body: F, scope: RollbackScope) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (reply, answer) = oneshot::channel();
        (Self { body: Some(body), scope, result: None, reply }, answer)
    }
}

impl<F, T, E> Job for Query<F, T, E>
where
    F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<DbError> + Send,
{
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        let Some(body) = self.body.take() else { return Ok(()) };
        let scope = self.scope;
        // A panic must not end the thread. The connection is dropped, because it may still be in a transaction.
        let ran = catch_unwind(AssertUnwindSafe(|| match scope {
            RollbackScope::Savepoint => tx.atomically(body),
            RollbackScope::None | RollbackScope::Transaction => Ok(body(tx)),
        }));
        let result = ran.unwrap_or_else(|_| Err(DbError::Query("the query panicked".to_owned())))?;
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
            // The query's own error, if it is the cause of the rollback.
            (_, Some(Err(error))) => Err(error),
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(DbError::Query("the query was not run".to_owned()).into()),
            (Err(error), _) => Err(error.into()),
        };
        // The caller may have been cancelled in the meantime.
        let _ = self.reply.send(answer);
    }
}
