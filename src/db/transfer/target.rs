//! The PostgreSQL database, in one transaction.
//!
//! `COPY` rather than `INSERT`: it takes rows as they come, so that neither side holds more than a piece of them, and
//! keeps the ids that they have. Diesel offers it only over libpq, so this goes without Diesel.

use std::pin::pin;

use bytes::{Bytes, BytesMut};
use futures_util::SinkExt;
use tokio_postgres::Client;

use super::{
    TransferError,
    source::Line,
    table::{Columns, Kind, Table, listed, quoted},
};
use crate::db::{
    error::{DbError, with_causes},
    postgres::Server,
};

/// Bytes that are sent at once.
const PIECE: usize = 256 * 1024;

/// The copy takes as long as it takes, but a lock that others hold is not waited for without end, and the commit is on
/// the disk when it is answered. Each statement sees what is there when the locks are held, whatever is the default.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 0; \
    SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '10s'; \
    SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off';";

const COLUMNS: &str = "SELECT attname::text, format_type(atttypid, NULL) FROM pg_attribute \
    WHERE attrelid = to_regclass($1::text) AND attnum > 0 AND NOT attisdropped";

/// The columns whose values a sequence gives.
const COUNTED: &str = "SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass($1::text) AND attnum > 0 \
    AND NOT attisdropped AND pg_get_serial_sequence($1, attname) IS NOT NULL";

/// What goes away without a commit leaves nothing.
pub(super) struct Target(Client);

impl Target {
    /// Connects; the connection lives on the runtime of this thread.
    pub(super) async fn connect(server: &Server) -> Result<Self, DbError> {
        let (client, connection) = server.connect_raw().await?;
        // Its fault is that of the query which is not answered.
        tokio::spawn(async { connection.await.unwrap_or_default() });
        Ok(Self(client))
    }

    pub(super) async fn begin(&self) -> Result<(), TransferError> {
        self.execute(BEGIN).await
    }

    /// Until the transaction ends others can read the tables, and not write.
    pub(super) async fn lock(&self, tables: &[Table]) -> Result<(), TransferError> {
        let names = listed(tables.iter().map(|table| &table.name));
        self.execute(&format!("LOCK TABLE {names} IN EXCLUSIVE MODE")).await
    }

    /// Refuses tables that have rows; those that are not there have none.
    pub(super) async fn refuse_rows(&self, tables: &[Table]) -> Result<(), TransferError> {
        for Table { name, .. } in tables {
            let is_there = self.0.query_one("SELECT to_regclass($1::text) IS NOT NULL", &[&quoted(name)]).await;
            if !is_there.map_err(|error| failed(&error))?.get::<_, bool>(0) {
                continue;
            }
            let rows = self.count(name).await?;
            if rows > 0 {
                return Err(TransferError::NotEmpty { table: name.clone(), rows });
            }
        }
        Ok(())
    }

    /// Refuses a table that has not the same columns here.
    pub(super) async fn compare(&self, table: &Table) -> Result<(), TransferError> {
        let rows = self.0.query(COLUMNS, &[&quoted(&table.name)]).await.map_err(|error| failed(&error))?;
        let columns = rows.iter().map(|row| Some((row.get(0), Kind::of(row.get(1))?))).collect::<Option<Columns>>();
        if columns.as_ref() == Some(&table.columns) { Ok(()) } else { Err(table.differs()) }
    }

    pub(super) async fn count(&self, table: &str) -> Result<i64, TransferError> {
        let count = format!("SELECT count(*) FROM {}", quoted(table));
        Ok(self.0.query_one(&count, &[]).await.map_err(|error| failed(&error))?.get(0))
    }

    /// Turns the triggers off, or on again: what they do for a new row they have done in SQLite. Those that check
    /// references are not among them. Not `session_replication_role`, which only a superuser may set, and turns those off.
    pub(super) async fn set_triggers(&self, tables: &[Table], on: bool) -> Result<(), TransferError> {
        let word = if on { "ENABLE" } else { "DISABLE" };
        for table in tables {
            self.execute(&format!("ALTER TABLE {} {word} TRIGGER USER", quoted(&table.name))).await?;
        }
        Ok(())
    }

    /// Writes rows; tells of each piece that is sent how many they were.
    pub(super) async fn copy(
        &self,
        table: &Table,
        lines: impl Iterator<Item = Result<Line, DbError>>,
        mut on_rows: impl FnMut(i64),
    ) -> Result<(), TransferError> {
        let refused = |error| TransferError::Refused { table: table.name.clone(), error: said(&error) };
        let columns = listed(table.columns.keys());
        let statement = format!("COPY {} ({columns}) FROM STDIN (FORMAT csv)", quoted(&table.name));
        let mut sink = pin!(self.0.copy_in::<_, Bytes>(&statement).await.map_err(refused)?);
        let (mut piece, mut rows) = (BytesMut::new(), 0);
        for line in lines {
            let Line { number, line } = line.map_err(TransferError::Source)?;
            if line.contains(&0) || str::from_utf8(&line).is_err() {
                return Err(TransferError::Text { table: table.name.clone(), row: number });
            }
            piece.extend_from_slice(&line);
            rows += 1;
            if piece.len() >= PIECE {
                sink.send(piece.split().freeze()).await.map_err(refused)?;
                on_rows(std::mem::take(&mut rows));
            }
        }
        sink.send(piece.freeze()).await.map_err(refused)?;
        sink.finish().await.map_err(refused)?;
        on_rows(rows);
        Ok(())
    }

    /// Lets new ids follow the highest that was ever given, `last` where that is known. At the very end, as a rollback
    /// does not take it back; a sequence that is ahead does no harm.
    pub(super) async fn count_on(&self, table: &Table, last: Option<i64>) -> Result<(), TransferError> {
        let name = quoted(&table.name);
        for column in self.0.query(COUNTED, &[&name]).await.map_err(|error| failed(&error))? {
            let column: String = column.get(0);
            let count_on = format!(
                "SELECT setval(pg_get_serial_sequence($1, $2), last) \
                 FROM (SELECT greatest(max({}), $3) AS last FROM {name}) AS ids WHERE last > 0",
                quoted(&column)
            );
            self.0.query_opt(&count_on, &[&name, &column, &last]).await.map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    pub(super) async fn commit(&self) -> Result<(), TransferError> {
        self.execute("COMMIT").await
    }

    async fn execute(&self, sql: &str) -> Result<(), TransferError> {
        self.0.batch_execute(sql).await.map_err(|error| failed(&error))
    }
}

fn failed(error: &tokio_postgres::Error) -> TransferError {
    TransferError::Target(DbError::Unavailable(said(error)))
}

/// The server's message without its details, which may hold the row. That of a value it does not take holds the value.
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn said(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        None => with_causes(error),
        Some(error) if error.code().code().starts_with("22") => {
            format!("there is a value that PostgreSQL does not take ({})", error.code().code())
        }
        Some(error) => error.message().to_owned(),
    }
}
