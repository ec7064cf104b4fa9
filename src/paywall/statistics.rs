//! How much is read, refused and paid for.

use std::collections::BTreeMap;

use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError},
    models::{reads, refusals, subscriptions},
};

/// One day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Reads; of those that cost nothing one a reader and post.
    pub reads: i64,
    /// Times that somebody was asked to pay.
    pub refusals: i64,
    /// Users who read.
    pub readers: i64,
    /// Subscriptions that began.
    pub conversions: i64,
}

/// Every day from `first` to `last`, in days since 1970-01-01, UTC.
///
/// # Errors
/// The database cannot serve.
pub fn days(connection: &mut DbConnection, first: i64, last: i64) -> Result<BTreeMap<i64, Day>, DbError> {
    let mut days: BTreeMap<i64, Day> = (first..=last).map(|day| (day, Day::default())).collect();
    for found in reads::by_day(connection, first, last)? {
        let day = days.entry(found.day).or_default();
        (day.reads, day.readers) = (found.reads, found.readers);
    }
    for (day, count) in refusals::by_day(connection, first, last)? {
        days.entry(day).or_default().refusals = count;
    }
    let (since, until) = (Timestamp::from_day(first), Timestamp::from_day(last + 1));
    for start in subscriptions::starts(connection, since, until)? {
        days.entry(start.day()).or_default().conversions += 1;
    }
    Ok(days)
}
