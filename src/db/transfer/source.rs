//! The SQLite file, read as a consistent snapshot.

use std::path::Path;

use diesel::{
    OptionalExtension, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::{DefaultLoadingMode, SimpleConnection},
    sql_query,
    sql_types::{BigInt, Binary, Text},
};

use super::{
    error::TransferError,
    table::{Columns, Kind, Table, in_order, quoted},
};
use crate::db::{connection::DbConnection, error::DbError, sqlite};

/// All tables except SQLite's own and those about migrations, which each side gets from its own migrations.
const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
                      AND name NOT IN ('__diesel_schema_migrations', 'schema_compatibility') ORDER BY name";

/// A read transaction, which ends when the connection is dropped.
pub(super) struct Source(SqliteConnection);

/// A row as `COPY … (FORMAT csv)` reads it.
#[derive(QueryableByName)]
pub(super) struct Line {
    /// The `rowid`, or 0 if the table has none.
    #[diesel(sql_type = BigInt)]
    pub(super) number: i64,
    /// Not `Text`, because SQLite does not check that text is UTF-8.
    #[diesel(sql_type = Binary)]
    pub(super) line: Vec<u8>,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Declared {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    declared: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl Source {
    /// Opens the file for reading. The first query determines the snapshot.
    pub(super) fn open(path: &Path) -> Result<Self, DbError> {
        let DbConnection::Sqlite(mut connection) = sqlite::reader(path)? else {
            return Err(DbError::Query("expected a SQLite connection".to_owned()));
        };
        // Not `DbConnection::begin`, which would block the writes of a running server.
        connection.batch_execute("BEGIN DEFERRED")?;
        Ok(Self(connection))
    }

    /// All tables, each after those it references.
    pub(super) fn tables(&mut self) -> Result<Vec<Table>, TransferError> {
        let mut tables = Vec::new();
        for name in self.names().map_err(TransferError::Source)? {
            let columns = self.columns(&name).map_err(TransferError::Source)?;
            let Some(columns) = columns else { return Err(TransferError::Differs(name)) };
            let refers_to = self.refers_to(&name).map_err(TransferError::Source)?;
            tables.push(Table { name, columns, refers_to });
        }
        in_order(tables)
    }

    fn names(&mut self) -> Result<Vec<String>, DbError> {
        let names: Vec<Name> = sql_query(TABLES).load(&mut self.0)?;
        Ok(names.into_iter().map(|Name { name }| name).collect())
    }

    /// `None` if a column's type is not supported.
    fn columns(&mut self, table: &str) -> Result<Option<Columns>, DbError> {
        let columns = sql_query("SELECT name, type AS declared FROM pragma_table_info(?)").bind::<Text, _>(table);
        let columns: Vec<Declared> = columns.load(&mut self.0)?;
        Ok(columns.into_iter().map(|Declared { name, declared }| Some((name, Kind::of(&declared)?))).collect())
    }

    fn refers_to(&mut self, table: &str) -> Result<Vec<String>, DbError> {
        let others = "SELECT DISTINCT \"table\" AS name FROM pragma_foreign_key_list(?)";
        let others: Vec<Name> = sql_query(others).bind::<Text, _>(table).load(&mut self.0)?;
        Ok(others.into_iter().map(|Name { name }| name).collect())
    }

    pub(super) fn count(&mut self, table: &Table) -> Result<i64, DbError> {
        let count = format!("SELECT count(*) AS number FROM {}", quoted(&table.name));
        Ok(sql_query(count).get_result::<Number>(&mut self.0)?.number)
    }

    /// The highest id ever assigned, for tables with AUTOINCREMENT.
    pub(super) fn last_id(&mut self, table: &Table) -> Result<Option<i64>, DbError> {
        let last = sql_query("SELECT seq AS number FROM sqlite_sequence WHERE name = ?").bind::<Text, _>(&table.name);
        Ok(last.get_result::<Number>(&mut self.0).optional()?.map(|Number { number }| number))
    }

    /// All rows, read lazily.
    pub(super) fn lines(
        &mut self,
        table: &Table,
    ) -> Result<impl Iterator<Item = Result<Line, DbError>> + use<'_>, DbError> {
        let fields: Vec<_> = table.columns.iter().map(|(name, kind)| field(name, *kind)).collect();
        // Clustered tables have no `rowid`.
        let clustered = sql_query("SELECT wr AS number FROM pragma_table_list WHERE schema = 'main' AND name = ?");
        let clustered = clustered.bind::<Text, _>(&table.name).get_result::<Number>(&mut self.0)?.number != 0;
        let number = if clustered { "0" } else { "rowid" };
        let lines = format!(
            "SELECT {number} AS number, CAST({} || char(10) AS BLOB) AS line FROM {}",
            fields.join(" || ',' || "),
            quoted(&table.name)
        );
        let rows = sql_query(lines).load_iter::<Line, DefaultLoadingMode>(&mut self.0)?;
        Ok(rows.map(|row| row.map_err(DbError::from)))
    }
}

/// The SQL expression for a CSV field: always quoted, so that a lone `\.` does not end the data, and empty for NULL.
/// <https://www.postgresql.org/docs/current/sql-copy.html>
fn field(column: &str, kind: Kind) -> String {
    let column = quoted(column);
    match kind {
        Kind::Bytes => format!("iif({column} IS NULL, '', '\"\\x' || hex({column}) || '\"')"),
        Kind::Integer | Kind::Boolean | Kind::Text => {
            format!("coalesce('\"' || replace(CAST({column} AS TEXT), '\"', '\"\"') || '\"', '')")
        }
    }
}
