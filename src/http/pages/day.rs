//! Formats dates for people.

use time::OffsetDateTime;

use crate::{base::clock::Timestamp, texts::Texts};

/// The day in UTC, because the reader's time zone is not known without scripts.
pub(super) fn day(texts: &Texts, time: Timestamp) -> String {
    let instant = OffsetDateTime::from_unix_timestamp(time.millis().div_euclid(1000));
    instant.map_or_else(|_| time.to_string(), |instant| texts.day(instant.date()))
}
