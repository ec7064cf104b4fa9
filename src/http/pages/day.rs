//! Formats dates for people.

use std::borrow::Borrow;

use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::base::clock::Timestamp;

const DAY: &[BorrowedFormatItem<'static>] = format_description!("[day padding:none] [month repr:long] [year]");

/// The day in UTC, because the reader's time zone is not known without scripts. Generic, because templates pass some
/// times by reference and others by value.
pub(super) fn day(time: impl Borrow<Timestamp>) -> String {
    let time = time.borrow();
    let instant = OffsetDateTime::from_unix_timestamp(time.millis().div_euclid(1000)).ok();
    instant.and_then(|instant| instant.format(DAY).ok()).unwrap_or_else(|| time.to_string())
}
