//! The time, as a parameter: whoever needs `now` is given a [`Clock`], so that tests can set it.

use std::{
    fmt,
    ops::Range,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    serialize::{self, Output, ToSql},
    sql_types::BigInt,
};
use serde::{Serialize, Serializer};
use time::{
    OffsetDateTime, UtcOffset,
    format_description::{BorrowedFormatItem, well_known::Rfc3339},
    macros::{datetime, format_description},
};

const LAST: OffsetDateTime = datetime!(9999-12-31 23:59:59.999 UTC);

/// RFC 3339 in UTC, always with three digits of a second, so that texts sort as instants do.
const RFC_3339_MILLIS: &[BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

const MILLIS_A_DAY: i64 = 24 * 60 * 60 * 1000;

/// An instant in Unix milliseconds, as the database keeps it; RFC 3339 in UTC in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From 1970 to 9998: what RFC 3339 has years for, with room for some time to be added.
    pub const WRITABLE: Range<Self> = Self(0)..Self(253_370_764_800_000);

    /// Reads RFC 3339 as [`str::parse`] does, and a day alone as its beginning in UTC.
    ///
    /// # Errors
    /// It is neither, for people.
    pub fn from_time_or_day(text: &str) -> Result<Self, &'static str> {
        let time = text.parse().or_else(|_| format!("{text}T00:00:00Z").parse());
        time.map_err(|_: &str| "must be a time such as 2026-11-21T10:00:00Z, or a day such as 2026-11-21")
    }

    /// The instant so many milliseconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0
    }

    /// The day that it is in, in days since 1970-01-01, UTC.
    #[must_use]
    pub fn day(self) -> i64 {
        self.0.div_euclid(MILLIS_A_DAY)
    }

    /// The beginning of a day, which is given in days since 1970-01-01, UTC.
    #[must_use]
    pub fn from_day(day: i64) -> Self {
        Self(day.saturating_mul(MILLIS_A_DAY))
    }

    /// The instant so many seconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// The instant `span` later; the far end of time where that is past it.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(millis_of(span)))
    }

    /// The instant `span` earlier.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(millis_of(span)))
    }

    /// How long it is from `self` to `later`; zero where `later` is past already.
    #[must_use]
    pub fn until(self, later: Self) -> Duration {
        Duration::from_millis(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }
}

impl FromStr for Timestamp {
    type Err = &'static str;

    /// Reads RFC 3339, of any offset, within [`Timestamp::WRITABLE`].
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = OffsetDateTime::parse(text, &Rfc3339).ok();
        let universal = parsed.and_then(|time| time.checked_to_offset(UtcOffset::UTC));
        let millis = universal.and_then(|time| i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000)).ok());
        let time = millis.map(Self).filter(|time| Self::WRITABLE.contains(time));
        time.ok_or("must be a time such as 2026-11-21T10:00:00Z")
    }
}

fn millis_of(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The ends of time are shown as the last that have a name: an error here is a panic in `to_string`.
        let seconds = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000);
        let instant = seconds.unwrap_or(if self.0 < 0 { OffsetDateTime::UNIX_EPOCH } else { LAST });
        f.write_str(&instant.format(RFC_3339_MILLIS).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<DB: Backend> FromSql<BigInt, DB> for Timestamp
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        i64::from_sql(bytes).map(Self)
    }
}

impl<DB: Backend> ToSql<BigInt, DB> for Timestamp
where
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

/// Tells the time: the system's, or in tests one that is set by hand.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands at `start` until it is moved; its clones move with it.
    #[must_use]
    pub fn manual(start: Timestamp) -> Self {
        Self(Some(Arc::new(AtomicI64::new(start.0))))
    }

    /// Moves a manual clock on; the system's is left alone.
    pub fn advance(&self, span: Duration) {
        if let Some(manual) = &self.0 {
            manual.fetch_add(millis_of(span), Ordering::SeqCst);
        }
    }

    /// Sets a manual clock back; the system's is left alone.
    pub fn set_back(&self, span: Duration) {
        if let Some(manual) = &self.0 {
            manual.fetch_sub(millis_of(span), Ordering::SeqCst);
        }
    }

    /// The time now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Some(manual) => Timestamp(manual.load(Ordering::SeqCst)),
            None => Timestamp(millis_of(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_written_as_rfc_3339_in_utc() {
        assert_eq!(Timestamp::from_millis(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::from_millis(1_795_255_709_007).to_string(), "2026-11-21T10:08:29.007Z");
        assert_eq!(Timestamp::from_millis(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Timestamp::from_millis(i64::MIN).to_string(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn arithmetic_stops_at_the_ends_of_time() {
        let start = Timestamp::from_millis(5);
        assert_eq!(start.after(Duration::MAX), Timestamp::from_millis(i64::MAX));
        assert_eq!(start.until(Timestamp::from_millis(3)), Duration::ZERO);
        assert_eq!(start.until(Timestamp::from_millis(8)), Duration::from_millis(3));
    }

    #[test]
    fn a_time_is_read_from_rfc_3339_of_any_offset() {
        assert_eq!("1970-01-01T01:00:00.007+01:00".parse(), Ok(Timestamp::from_millis(7)));
        assert_eq!("2026-11-21T10:08:29Z".parse(), Ok(Timestamp::from_millis(1_795_255_709_000)));
        for wrong in
            ["", "soon", "2026-11-21", "2026-13-21T10:00:00Z", "1969-12-31T23:59:59Z", "9998-12-31T23:59:59-01:00"]
        {
            assert!(wrong.parse::<Timestamp>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_day_is_read_as_its_beginning_and_a_time_as_it_is() {
        let read = |text| Timestamp::from_time_or_day(text).map(|time| time.to_string());
        assert_eq!(read("2026-11-21"), Ok("2026-11-21T00:00:00.000Z".to_owned()));
        assert_eq!(read("2026-11-21T10:08:29+01:00"), Ok("2026-11-21T09:08:29.000Z".to_owned()));
        for wrong in ["", "soon", "2026-11", "2026-02-29", "1969-12-31", "2026-11-21T", "2026-11-21T10", "2026-11-21 "]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_manual_clock_moves_with_its_clones() {
        let clock = Clock::manual(Timestamp::from_millis(10));
        let other = clock.clone();
        other.advance(Duration::from_millis(5));
        assert_eq!(clock.now(), Timestamp::from_millis(15));
        other.set_back(Duration::from_millis(7));
        assert_eq!(clock.now(), Timestamp::from_millis(8));
    }
}
