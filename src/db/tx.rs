//! A transaction that writes.

use std::ops::{Deref, DerefMut};

use super::{connection::DbConnection, error::DbError, invalidation::CacheTag};

/// A transaction, and what it invalidates in the caches. Functions that only read take a [`DbConnection`], to which
/// this dereferences; functions that write take a `Tx`, so that they can only be called in [`super::Db::write`].
#[expect(missing_debug_implementations, reason = "connections have none")]
pub struct Tx<'c> {
    connection: &'c mut DbConnection,
    invalidated: &'c mut Vec<CacheTag>,
}

impl<'c> Tx<'c> {
    /// `invalidated` collects what the transaction invalidates. It belongs to the caller, which publishes it even after
    /// an error: if the connection is lost during the commit, nobody knows whether the changes were made.
    pub(super) fn new(connection: &'c mut DbConnection, invalidated: &'c mut Vec<CacheTag>) -> Self {
        Self { connection, invalidated }
    }

    /// Invalidates the cache entries that depend on `tag`. This is published before [`super::Db::write`] returns, so
    /// that the caller never finds an older entry afterwards.
    pub fn invalidate(&mut self, tag: CacheTag) {
        self.invalidated.push(tag);
    }

    pub fn connection(&mut self) -> &mut DbConnection {
        self.connection
    }

    /// Runs `body` atomically: in a transaction, or in a savepoint if a transaction is open already.
    ///
    /// # Errors
    /// An outer error means that the connection must not be used again; an inner error is the body's own.
    pub(super) fn atomically<T, E>(
        &mut self,
        body: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<Result<T, E>, DbError> {
        self.connection.begin_nested()?;
        let result = body(self);
        match result {
            Ok(_) => self.connection.commit()?,
            Err(_) => self.connection.rollback()?,
        }
        Ok(result)
    }
}

impl Deref for Tx<'_> {
    type Target = DbConnection;

    fn deref(&self) -> &DbConnection {
        self.connection
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut DbConnection {
        self.connection
    }
}
