//! Records reads: a metered read changes the reader's meter, inserts a row in `reads`, and is counted in the
//! statistics. The reads of users and of anonymous readers are counted in the same way.

mod once;
mod postgres;
mod sqlite;

use std::time::Duration;

use diesel::RunQueryDsl;

pub use self::once::charge_once;
use super::{
    days::DayCounts,
    meter_id::MeterId,
    meters::{self, Meter},
    read_batches::{self, CountedRead},
    reads,
};
use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError, RawSql, Statement, Tx, dispatch},
};

/// A request to read a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeteredRead {
    /// The meter that is charged.
    pub meter: MeterId,
    /// The reader's own meter. It differs from `meter` only for an anonymous reader whose cookie names none: the read is
    /// charged to the network, and the reader's own meter starts with it.
    pub reader: MeterId,
    pub post_id: i64,
    pub at: Timestamp,
}

impl MeteredRead {
    #[must_use]
    pub fn by_user(user_id: i64, post_id: i64, at: Timestamp) -> Self {
        let meter = MeterId::of_user(user_id);
        Self { meter, reader: meter, post_id, at }
    }

    #[must_use]
    pub fn is_by_new_reader(&self) -> bool {
        self.meter != self.reader
    }
}

/// How many reads a meter allows per period.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of a reader.
    pub reads: i64,
    /// Of the network of new anonymous readers.
    pub network_reads: i64,
    pub period: Duration,
}

impl Limits {
    fn of(&self, meter: MeterId) -> i64 {
        if meter.is_network() { self.network_reads } else { self.reads }
    }
}

/// Counts and records reads, at most one per meter, sorted by meter: either of users or of anonymous readers. Returns
/// for each the reader's updated meter, or `None` if the limit of the charged meter was reached. A single statement on
/// PostgreSQL.
pub fn charge(tx: &mut Tx<'_>, reads: &[MeteredRead], limits: &Limits) -> Result<Vec<Option<Meter>>, DbError> {
    let connection = match tx.connection() {
        DbConnection::Postgres(connection) => return postgres::charge_all(connection, reads, limits),
        DbConnection::Sqlite(connection) => connection,
    };
    let charged = reads.iter().map(|read| sqlite::charge(connection, *read, limits));
    let charged = charged.collect::<Result<Vec<_>, _>>()?;
    let counted =
        reads.iter().zip(&charged).filter_map(|(read, charged)| Some(counted(*read, charged.as_ref()?.1, false)));
    read_batches::add(tx, &counted.collect::<Vec<_>>())?;
    Ok(charged.into_iter().map(|charged| charged.map(|(meter, _)| meter)).collect())
}

/// What a read with this id adds to its day.
fn counted(read: MeteredRead, id: i64, is_subscribed: bool) -> CountedRead {
    let MeteredRead { reader, post_id, at, .. } = read;
    let readers = i64::from(id == reads::first_id_of_day(at));
    let mut counts = DayCounts { reads: 1, readers, ..DayCounts::default() };
    if !reader.is_user() {
        (counts.anonymous_reads, counts.anonymous_readers) = (1, readers);
    } else if is_subscribed {
        (counts.subscriber_reads, counts.subscriber_readers) = (1, readers);
    }
    CountedRead { at, post_id, counts }
}

struct InsertRead;

impl RawSql for InsertRead {
    type Row = ();
    // A unique index admits only one of several concurrent free reads of a post. Otherwise, only new anonymous readers
    // with the same random id can conflict.
    const PIECES: &'static [&'static str] = &[
        "INSERT INTO reads (id, user_id, post_id, read_at, metered) VALUES (",
        ", ",
        ", ",
        ", ",
        ", 1 = ",
        ") ON CONFLICT DO NOTHING",
    ];
}

/// Records a user's read that is free of charge, unless a read of this post was already recorded today (UTC).
///
/// # Errors
/// [`DbError::MissingReference`] if the user does not exist.
pub fn record_free(tx: &mut Tx<'_>, read: MeteredRead, is_subscribed: bool) -> Result<(), DbError> {
    let MeteredRead { reader, post_id, at, .. } = read;
    if reads::is_read(tx, reader, post_id, Timestamp::from_day(at.day()), false)? {
        return Ok(());
    }
    let Some(id) = meters::next_read_id(tx, reader.number(), reads::first_id_of_day(at))? else {
        return Err(DbError::MissingReference("a read of a user who does not exist".to_owned()));
    };
    let insert = Statement::new(InsertRead, [id, reader.number(), post_id, at.millis(), 0]);
    match dispatch!(tx.connection(), |c| insert.execute(c))? {
        0 => Ok(()),
        _ => read_batches::add(tx, &[counted(read, id, is_subscribed)]),
    }
}
