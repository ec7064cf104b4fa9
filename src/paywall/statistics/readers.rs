//! The number of readers of each post and page.

use std::collections::HashMap;

use diesel::{dsl::count, prelude::*, sqlite::SqliteConnection};

use super::Days;
use crate::{
    base::clock::Timestamp,
    db::{Db, DbConnection, DbError, schema::reads},
    paywall::content::ContentId,
};

/// How many reads a query looks at on SQLite: a fraction of a second, and a few megabytes.
const READS_PER_QUERY: i64 = 250_000;

pub(super) type Readers = HashMap<ContentId, i64>;

/// The distinct readers among the reads that have not been deleted. Scans the table, because no index leads to the reads of a
/// post: every read would have to update it.
pub(super) async fn count_all(db: &Db, days: Days) -> Result<Readers, DbError> {
    let (mut readers, mut next) = (Readers::new(), Some(i64::MIN));
    while let Some(after) = next {
        let add = move |connection: &mut DbConnection| add(connection, days, after, readers);
        (readers, next) = db.read(add).await?;
    }
    Ok(readers)
}

/// Adds readers with ids above `after`. Also returns the greatest of these ids if there may be greater ones.
///
/// SQLite stores reads by reader, so some readers are counted at a time: each query is short, however many reads there are, and
/// the write-ahead log can be checkpointed between two of them. PostgreSQL stores reads in the order in which they arrive: each
/// part would scan the whole table, and a single query can run in parallel.
fn add(
    connection: &mut DbConnection,
    Days { first, last }: Days,
    after: i64,
    mut readers: Readers,
) -> Result<(Readers, Option<i64>), DbError> {
    let days = reads::read_at.ge(Timestamp::from_day(first)).and(reads::read_at.lt(Timestamp::from_day(last + 1)));
    match connection {
        DbConnection::Sqlite(c) => {
            let end = end_of_part(c, after)?;
            let part = reads::user_id.gt(after).and(reads::user_id.le(end.unwrap_or(i64::MAX)));
            let found = reads::table.filter(part.and(days)).select((reads::post_id, reads::user_id));
            let mut found: Vec<(ContentId, i64)> = found.load(c)?;
            found.sort_unstable();
            found.dedup();
            for (content, _) in found {
                *readers.entry(content).or_default() += 1;
            }
            Ok((readers, end))
        }
        DbConnection::Postgres(c) => {
            let distinct = count(reads::user_id).aggregate_distinct();
            let found = reads::table.filter(days).group_by(reads::post_id).select((reads::post_id, distinct));
            let found: Vec<(ContentId, i64)> = found.load(c)?;
            Ok((found.into_iter().collect(), None))
        }
    }
}

/// The reader of the last of the next [`READS_PER_QUERY`] reads; `None` if fewer are left.
fn end_of_part(c: &mut SqliteConnection, after: i64) -> Result<Option<i64>, DbError> {
    let next = reads::table.filter(reads::user_id.gt(after)).order(reads::user_id).select(reads::user_id);
    Ok(next.offset(READS_PER_QUERY - 1).first(c).optional()?)
}
