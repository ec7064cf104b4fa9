//! A connection to PostgreSQL with a blocking interface, over an asynchronous one.

use std::io;

use diesel_async::{
    AsyncPgConnection,
    async_connection_wrapper::{AsyncConnectionWrapper, BlockOn},
};
use tokio::{
    runtime::{Builder, Runtime},
    task::yield_now,
};

use super::error::DbError;

thread_local! {
    /// Drives the single connection of this thread, only while a query is running, so that no other thread has to be
    /// woken for an answer.
    static RUNTIME: io::Result<Runtime> = Builder::new_current_thread().enable_all().build();
}

/// An asynchronous connection with a blocking interface, for the thread that owns it.
pub type PgConnection = AsyncConnectionWrapper<AsyncPgConnection, ThreadRuntime>;

/// Blocks this thread on its own runtime.
#[derive(Debug)]
pub struct ThreadRuntime(());

impl BlockOn for ThreadRuntime {
    #[expect(clippy::expect_used, reason = "a connection exists: `connect` has run on this thread")]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        RUNTIME.with(|runtime| runtime.as_ref().expect("the runtime that `connect` used").block_on(future))
    }

    fn get_runtime() -> Self {
        Self(())
    }
}

/// Blocks this thread on its own runtime.
///
/// # Errors
/// The runtime cannot be created.
pub(super) fn block_on<F: Future>(future: F) -> Result<F::Output, DbError> {
    RUNTIME.with(|runtime| match runtime {
        Ok(runtime) => Ok(runtime.block_on(future)),
        Err(error) => Err(DbError::unavailable(error)),
    })
}

/// Lets the connection's task poll its socket, so that it notices a server that closed the connection while the thread
/// was idle.
pub(super) fn poll_socket() {
    RUNTIME.with(|runtime| {
        if let Ok(runtime) = runtime {
            runtime.block_on(async {
                // The runtime polls the socket at the first yield, and the task that it wakes runs at the second.
                yield_now().await;
                yield_now().await;
            });
        }
    });
}
