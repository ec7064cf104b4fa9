//! The PostgreSQL database, in one transaction.
//!
//! Uses `COPY` rather than `INSERT`: it streams rows, so that neither side buffers more than a chunk, and preserves
//! ids. Diesel supports it only with libpq, so this module does without Diesel.

use std::pin::pin;

use bytes::{Bytes, BytesMut};
use futures_util::SinkExt;
use tokio_postgres::Client;

use super::{
    error::TransferError,
    source::Line,
    table::{Columns, Kind, Table, listed, quoted},
};
use crate::db::{
    error::{DbError, with_causes},
    postgres::Server,
};

/// Bytes sent at once.
const CHUNK_SIZE: usize = 256 * 1024;

/// The copy itself has no time limit, but waiting for locks has, and the commit is durable. `READ COMMITTED`, whatever
/// the default is, so that statements see what was committed before the locks were acquired.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 0; \
    SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '10s'; \
    SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off';";

const COLUMNS: &str = "SELECT attname::text, format_type(atttypid, NULL) FROM pg_attribute \
    WHERE attrelid = to_regclass($1::text) AND attnum > 0 AND NOT attisdropped";

/// The columns whose values come from a sequence.
const SERIAL_COLUMNS: &str = "SELECT attname::text FROM pg_attribute \
    WHERE attrelid = to_regclass($1::text) AND attnum > 0 \
    AND NOT attisdropped AND pg_get_serial_sequence($1, attname) IS NOT NULL";

/// Dropping it without a commit rolls everything back.
pub(super) struct Target(Client);

impl Target {
    /// Connects; the connection runs on this thread's runtime.
    pub(super) async fn connect(server: &Server) -> Result<Self, DbError> {
        let (client, connection) = server.connect_raw().await?;
        // An error of the connection also fails the pending query, which reports it.
        tokio::spawn(async { connection.await.unwrap_or_default() });
        Ok(Self(client))
    }

    pub(super) async fn begin(&self) -> Result<(), TransferError> {
        self.execute(BEGIN).await
    }

    /// Blocks writes by others, but not reads, until the transaction ends.
    pub(super) async fn lock(&self, tables: &[Table]) -> Result<(), TransferError> {
        let names = listed(tables.iter().map(|table| &table.name));
        self.execute(&format!("LOCK TABLE {names} IN EXCLUSIVE MODE")).await
    }

    /// Fails if a table has rows. Tables that do not exist are skipped.
    pub(super) async fn refuse_rows(&self, tables: &[Table]) -> Result<(), TransferError> {
        for Table { name, .. } in tables {
            let exists = self.0.query_one("SELECT to_regclass($1::text) IS NOT NULL", &[&quoted(name)]).await;
            if !exists.map_err(|error| failed(&error))?.get::<_, bool>(0) {
                continue;
            }
            let rows = self.count(name).await?;
            if rows > 0 {
                return Err(TransferError::NotEmpty { table: name.clone(), rows });
            }
        }
        Ok(())
    }

    /// Fails unless the table has the same columns in both databases.
    pub(super) async fn compare(&self, table: &Table) -> Result<(), TransferError> {
        let rows = self.0.query(COLUMNS, &[&quoted(&table.name)]).await.map_err(|error| failed(&error))?;
        let columns = rows.iter().map(|row| Some((row.get(0), Kind::of(row.get(1))?))).collect::<Option<Columns>>();
        if columns.as_ref() == Some(&table.columns) { Ok(()) } else { Err(table.differs()) }
    }

    pub(super) async fn count(&self, table: &str) -> Result<i64, TransferError> {
        let count = format!("SELECT count(*) FROM {}", quoted(table));
        Ok(self.0.query_one(&count, &[]).await.map_err(|error| failed(&error))?.get(0))
    }

    /// Enables or disables the tables' triggers: their effects on new rows are already part of the SQLite data. Does
    /// not use `session_replication_role`, which requires a superuser and also disables foreign key checks.
    pub(super) async fn set_triggers(&self, tables: &[Table], on: bool) -> Result<(), TransferError> {
        let word = if on { "ENABLE" } else { "DISABLE" };
        for table in tables {
            self.execute(&format!("ALTER TABLE {} {word} TRIGGER USER", quoted(&table.name))).await?;
        }
        Ok(())
    }

    /// Writes rows; calls `on_rows` with the number of rows in each chunk sent.
    pub(super) async fn copy(
        &self,
        table: &Table,
        lines: impl Iterator<Item = Result<Line, DbError>>,
        mut on_rows: impl FnMut(i64),
    ) -> Result<(), TransferError> {
        let refused = |error| TransferError::Refused { table: table.name.clone(), error: safe_message(&error) };
        let columns = listed(table.columns.keys());
        let statement = format!("COPY {} ({columns}) FROM STDIN (FORMAT csv)", quoted(&table.name));
        let mut sink = pin!(self.0.copy_in::<_, Bytes>(&statement).await.map_err(refused)?);
        let (mut chunk, mut rows) = (BytesMut::new(), 0);
        for line in lines {
            let Line { number, line } = line.map_err(TransferError::Source)?;
            if line.contains(&0) || str::from_utf8(&line).is_err() {
                return Err(TransferError::Text { table: table.name.clone(), row: number });
            }
            chunk.extend_from_slice(&line);
            rows += 1;
            if chunk.len() >= CHUNK_SIZE {
                sink.send(chunk.split().freeze()).await.map_err(refused)?;
                on_rows(std::mem::take(&mut rows));
            }
        }
        sink.send(chunk.freeze()).await.map_err(refused)?;
        sink.finish().await.map_err(refused)?;
        on_rows(rows);
        Ok(())
    }

    /// Sets the sequence so that new ids follow the highest one ever assigned (`last`, if known). Called last, because
    /// a rollback does not undo it; a sequence that is too high does no harm.
    pub(super) async fn advance_sequence(&self, table: &Table, last: Option<i64>) -> Result<(), TransferError> {
        let name = quoted(&table.name);
        for column in self.0.query(SERIAL_COLUMNS, &[&name]).await.map_err(|error| failed(&error))? {
            let column: String = column.get(0);
            let advance = format!(
                "SELECT setval(pg_get_serial_sequence($1, $2), last) \
                 FROM (SELECT greatest(max({}), $3) AS last FROM {name}) AS ids WHERE last > 0",
                quoted(&column)
            );
            self.0.query_opt(&advance, &[&name, &column, &last]).await.map_err(|error| failed(&error))?;
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
    TransferError::Target(DbError::Unavailable(safe_message(error)))
}

/// The server's message without its details, which may contain the row. The message of a data exception (class 22)
/// contains the value itself, so it is replaced.
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn safe_message(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        None => with_causes(error),
        Some(error) if error.code().code().starts_with("22") => {
            format!("PostgreSQL rejected a value ({})", error.code().code())
        }
        Some(error) => error.message().to_owned(),
    }
}
