//! The cleanup of a table in small transactions.

/// Deletes up to `$max` rows that match a condition, and returns their number.
///
/// On PostgreSQL, rows that another transaction has locked are left to the next cleanup: to wait for one while holding
/// others could deadlock. `DELETE … LIMIT` exists only in SQLite, and there only as a compile-time option.
macro_rules! delete_batch {
    ($tx:expr, $table:ident.$id:ident: $type:ty, $condition:expr, $max:expr) => {{
        let rows = $table::table.filter($condition).limit($max).select($table::$id);
        let ids: Vec<$type> = match $tx.connection() {
            $crate::db::DbConnection::Sqlite(c) => rows.load(c)?,
            $crate::db::DbConnection::Postgres(c) => rows.for_update().skip_locked().load(c)?,
        };
        let delete = diesel::delete($table::table).filter($table::$id.eq_any(ids));
        Ok($crate::db::dispatch!($tx.connection(), |c| delete.execute(c))?)
    }};
}
pub(super) use delete_batch;
