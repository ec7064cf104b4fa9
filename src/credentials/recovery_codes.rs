//! The table `recovery_codes`: codes for users who have lost their second factor, each of which works once.

use diesel::prelude::*;

use crate::db::{DbConnection, DbError, Tx, dispatch, schema::recovery_codes};

/// SHA-256 of a code.
pub type CodeHash = [u8; 32];

/// Replaces all codes of a user.
pub fn replace(tx: &mut Tx<'_>, user_id: i64, hashes: &[CodeHash]) -> Result<(), DbError> {
    delete_of_user(tx, user_id)?;
    let row = |hash| (recovery_codes::user_id.eq(user_id), recovery_codes::hash.eq(hash));
    let rows: Vec<_> = hashes.iter().map(|hash| row(hash.as_slice())).collect();
    dispatch!(tx.connection(), |c| diesel::insert_into(recovery_codes::table).values(rows).execute(c))?;
    Ok(())
}

/// Uses up a code; returns whether the user had it. Of several that try at the same time, one succeeds.
pub fn spend(tx: &mut Tx<'_>, user_id: i64, hash: &CodeHash) -> Result<bool, DbError> {
    let is_code = recovery_codes::user_id.eq(user_id).and(recovery_codes::hash.eq(hash.as_slice()));
    let spent = dispatch!(tx.connection(), |c| diesel::delete(recovery_codes::table).filter(is_code).execute(c))?;
    Ok(spent == 1)
}

pub fn count(connection: &mut DbConnection, user_id: i64) -> Result<i64, DbError> {
    let of_user = recovery_codes::table.filter(recovery_codes::user_id.eq(user_id));
    Ok(dispatch!(connection, |c| of_user.count().get_result(c))?)
}

pub fn delete_of_user(tx: &mut Tx<'_>, user_id: i64) -> Result<(), DbError> {
    let of_user = recovery_codes::user_id.eq(user_id);
    dispatch!(tx.connection(), |c| diesel::delete(recovery_codes::table).filter(of_user).execute(c))?;
    Ok(())
}
