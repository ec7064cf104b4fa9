//! Daily statistics of reads, refusals and subscriptions.

pub mod contents;
mod readers;
pub mod recent;
pub mod refusals;

use std::collections::BTreeMap;

use serde::Serialize;
use time::{Date, format_description::BorrowedFormatItem, macros::format_description};

use crate::{
    base::clock::Timestamp,
    billing::subscriptions,
    daily_counts::{self, DayCounts},
    db::{DbConnection, DbError},
};

const DATE: &[BorrowedFormatItem<'static>] = format_description!("[year]-[month]-[day]");

/// The number of days returned if no range is given.
const DEFAULT_DAYS: i64 = 30;
/// The maximum number of days: two years, so that a chart can compare them.
const MAX_DAYS: i64 = 732;

/// 1970-01-01 as a Julian day.
const EPOCH: i32 = 2_440_588;

/// A range of days since 1970-01-01 in UTC; both ends are included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    first: i64,
    last: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Day {
    /// Formatted as 2026-11-21.
    pub day: String,
    /// All readers. Conversions are new subscriptions.
    #[serde(flatten)]
    pub total: Counts,
    /// Anonymous readers. Conversions are those who registered.
    pub anonymous: Counts,
    /// Users without a subscription. Conversions are new subscriptions.
    pub registered: Counts,
    pub subscribed: SubscriberCounts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub reads: i64,
    pub refusals: i64,
    pub readers: i64,
    pub conversions: i64,
}

/// Subscribers are never refused, and have nothing to convert to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SubscriberCounts {
    pub reads: i64,
    pub readers: i64,
}

impl Day {
    fn new(day: String, counts: DayCounts) -> Self {
        let total = Counts {
            reads: counts.reads,
            refusals: counts.refusals,
            readers: counts.readers,
            conversions: counts.conversions,
        };
        let anonymous = Counts {
            reads: counts.anonymous_reads,
            refusals: counts.anonymous_refusals,
            readers: counts.anonymous_readers,
            conversions: counts.anonymous_conversions,
        };
        let subscribed = SubscriberCounts { reads: counts.subscriber_reads, readers: counts.subscriber_readers };
        let registered = Counts {
            reads: total.reads - anonymous.reads - subscribed.reads,
            refusals: total.refusals - anonymous.refusals,
            readers: total.readers - anonymous.readers - subscribed.readers,
            conversions: total.conversions,
        };
        Self { day, total, anonymous, registered, subscribed }
    }
}

impl Days {
    /// The days from `first` to `last`, which default to 30 days that end today.
    ///
    /// # Errors
    /// The days are in the wrong order or too many. The message is written for people, about `first`.
    pub fn new(first: Option<i64>, last: Option<i64>, now: Timestamp) -> Result<Self, &'static str> {
        let last = last.unwrap_or(now.day());
        let first = first.unwrap_or(last - DEFAULT_DAYS + 1);
        match first <= last && last - first < MAX_DAYS {
            true => Ok(Self { first, last }),
            false => Err("must be at most 731 days before `to`, and not after it"),
        }
    }
}

/// Parses a day such as 2026-11-21 into days since 1970-01-01.
///
/// # Errors
/// A message for people that says what is wrong.
pub fn parse_day(text: &str) -> Result<i64, &'static str> {
    // The parser accepts a sign, which RFC 3339 does not allow.
    let date = Date::parse(text, DATE).ok().filter(|_| text.starts_with(|first: char| first.is_ascii_digit()));
    let day = date.map(|date| i64::from(date.to_julian_day() - EPOCH)).filter(|day| *day >= 0);
    day.ok_or("must be a day such as 2026-11-21")
}

/// Returns the statistics of each day.
pub fn days(connection: &mut DbConnection, Days { first, last }: Days) -> Result<Vec<Day>, DbError> {
    let mut counts: BTreeMap<i64, DayCounts> = (first..=last).map(|day| (day, DayCounts::default())).collect();
    for (day, shard) in daily_counts::between(connection, first, last)? {
        *counts.entry(day).or_default() += shard;
    }
    let (since, until) = (Timestamp::from_day(first), Timestamp::from_day(last + 1));
    for (day, started) in subscriptions::starts(connection, since, until)? {
        counts.entry(day).or_default().conversions += started;
    }
    counts.into_iter().map(|(day, counts)| Ok(Day::new(date(day)?, counts))).collect()
}

fn date(day: i64) -> Result<String, DbError> {
    let julian_day = i32::try_from(day).ok().and_then(|day| day.checked_add(EPOCH));
    let date = julian_day.and_then(|day| Date::from_julian_day(day).ok());
    date.and_then(|date| date.format(DATE).ok()).ok_or_else(|| DbError::Query(format!("day {day} has no date")))
}
