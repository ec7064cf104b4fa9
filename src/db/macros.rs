//! What several tables share: queries, and columns of text for enumerations.

/// What rate limits ask: the time of the `$nth` last row that matches a condition, after `$since` and up to `$until`;
/// `None` if there are fewer. The last one is number 1.
macro_rules! nth_last {
    ($connection:expr, $table:ident.$at:ident, $condition:expr, $nth:expr, $since:expr, $until:expr) => {
        $crate::db::dispatch!($connection, |c| {
            let rows = $table::table.filter($condition).filter($table::$at.gt($since)).filter($table::$at.le($until));
            let latest = rows.order($table::$at.desc()).offset($nth - 1).limit(1).select($table::$at);
            Ok(latest.get_result(c).optional()?)
        })
    };
}
pub(crate) use nth_last;

/// The cleanup of a table in small transactions: deletes up to `$max` rows that match a condition, and returns their
/// number.
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
pub(crate) use delete_batch;

/// Stores an enumeration by its name, which strum derives (`EnumString` and `IntoStaticStr`). The names are checked by the
/// database as well, with a constraint that lists them.
macro_rules! text_column {
    ($type:ty) => {
        const _: () = {
            use diesel::{
                backend::Backend,
                deserialize::{self, FromSql},
                serialize::{self, Output, ToSql},
                sql_types::Text,
            };

            impl<DB: Backend> FromSql<Text, DB> for $type
            where
                String: FromSql<Text, DB>,
            {
                fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                    let text = String::from_sql(bytes)?;
                    text.parse().map_err(|_| format!("no such {}: {text}", stringify!($type)).into())
                }
            }

            impl<DB: Backend> ToSql<Text, DB> for $type
            where
                str: ToSql<Text, DB>,
            {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                    self.into_str().to_sql(out)
                }
            }
        };
    };
}
pub(crate) use text_column;
