//! The cleanup of a table in small transactions.

/// Deletes up to `$max` rows that match a condition, and returns their number.
///
/// The condition is checked again by the deletion: on PostgreSQL, another transaction may have changed a row since its
/// id was read. `DELETE … LIMIT` exists only in SQLite, and there only as a compile-time option.
macro_rules! delete_batch {
    ($tx:expr, $table:ident.$id:ident: $type:ty, $condition:expr, $max:expr) => {
        $crate::db::dispatch!($tx.connection(), |c| {
            let rows = $table::table.filter($condition).limit($max);
            let ids: Vec<$type> = rows.select($table::$id).load(c)?;
            Ok(diesel::delete($table::table).filter($table::$id.eq_any(ids)).filter($condition).execute(c)?)
        })
    };
}
pub(super) use delete_batch;
