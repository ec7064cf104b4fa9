//! Records reads: a metered read changes the reader's meter, inserts a row in `reads`, and is counted in the
//! statistics.

pub mod batches;
mod per_content;
mod postgres;
mod request;
mod sqlite;

use diesel::RunQueryDsl;

use self::batches::CountedRead;
pub use self::{
    per_content::charge_per_content,
    request::{Limits, MeteredRead},
};
use super::{
    meters::{self, Meter},
    reads::{self, InsertRead},
};
use crate::{
    base::clock::Timestamp,
    daily_counts::DayCounts,
    db::{DbConnection, DbError, Statement, Tx, dispatch},
};

/// Counts and records reads, at most one per meter and sorted by meter. Returns for each the reader's updated meter, or
/// `None` if the limit of the charged meter was reached. A single statement on PostgreSQL.
pub fn charge(tx: &mut Tx<'_>, reads: &[MeteredRead], limits: &Limits) -> Result<Vec<Option<Meter>>, DbError> {
    let connection = match tx.connection() {
        DbConnection::Postgres(connection) => return postgres::charge_all(connection, reads, limits),
        DbConnection::Sqlite(connection) => connection,
    };
    let charged = reads.iter().map(|read| sqlite::charge(connection, *read, limits));
    let charged = charged.collect::<Result<Vec<_>, _>>()?;
    let counted =
        reads.iter().zip(&charged).filter_map(|(read, charged)| Some(counted(*read, charged.as_ref()?.1, false)));
    batches::add(tx, &counted.collect::<Vec<_>>())?;
    Ok(charged.into_iter().map(|charged| charged.map(|(meter, _)| meter)).collect())
}

/// What a read with this id adds to its day.
fn counted(read: MeteredRead, id: i64, is_subscribed: bool) -> CountedRead {
    let MeteredRead { reader, content, at, .. } = read;
    let readers = i64::from(id == reads::first_id_of_day(at));
    let mut counts = DayCounts { reads: 1, readers, ..DayCounts::default() };
    if !reader.is_user() {
        (counts.anonymous_reads, counts.anonymous_readers) = (1, readers);
    } else if is_subscribed {
        (counts.subscriber_reads, counts.subscriber_readers) = (1, readers);
    }
    CountedRead { at, content, counts }
}

/// Records a user's read that is free of charge, unless a read of this post was already recorded today (UTC).
///
/// # Errors
/// [`DbError::MissingReference`] if the user does not exist.
pub fn record_free(tx: &mut Tx<'_>, read: MeteredRead, is_subscribed: bool) -> Result<(), DbError> {
    let MeteredRead { reader, content, at, .. } = read;
    if reads::is_read(tx, reader, content, Timestamp::from_day(at.day()), false)? {
        return Ok(());
    }
    let Some(id) = meters::next_read_id(tx, reader.number(), reads::first_id_of_day(at))? else {
        return Err(DbError::MissingReference("a read of a user who does not exist".to_owned()));
    };
    let insert = Statement::new(InsertRead, [id, reader.number(), content.number(), at.millis(), 0]);
    match dispatch!(tx.connection(), |c| insert.execute(c))? {
        0 => Ok(()),
        _ => batches::add(tx, &[counted(read, id, is_subscribed)]),
    }
}
