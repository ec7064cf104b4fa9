//! Points in time, as they are stored and displayed.

use std::{fmt, ops::Range, str::FromStr, time::Duration};

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    serialize::{self, Output, ToSql},
    sql_types::BigInt,
};
use serde::{Serialize, Serializer};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// The last millisecond of the year 9999.
const LAST: i64 = 253_402_300_799_999;

/// RFC 3339 in UTC, always with milliseconds, so that formatted times sort chronologically.
type Text = [u8; 24];

const MILLIS_PER_DAY: i64 = 24 * 60 * 60 * 1000;

/// An instant: Unix milliseconds in the database, RFC 3339 in UTC in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub struct Timestamp(pub(super) i64);

impl Timestamp {
    /// From 1970 to 9998: the years that RFC 3339 supports, with some margin for adding durations.
    pub const WRITABLE: Range<Self> = Self(0)..Self(253_370_764_800_000);

    /// Parses RFC 3339, or a day, which means its start in UTC. The error message is meant for people.
    pub fn from_time_or_day(text: &str) -> Result<Self, &'static str> {
        let time = text.parse().or_else(|_| format!("{text}T00:00:00Z").parse());
        time.map_err(|_: &str| "must be a time such as 2026-11-21T10:00:00Z, or a day such as 2026-11-21")
    }

    /// From Unix milliseconds.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Unix milliseconds.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0
    }

    /// The day (UTC), in days since 1970-01-01.
    #[must_use]
    pub fn day(self) -> i64 {
        self.0.div_euclid(MILLIS_PER_DAY)
    }

    /// The start of a day (UTC), given in days since 1970-01-01.
    #[must_use]
    pub fn from_day(day: i64) -> Self {
        Self(day.saturating_mul(MILLIS_PER_DAY))
    }

    /// From Unix seconds.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// The instant `span` later, saturating.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(millis_of(span)))
    }

    /// The instant `span` earlier, saturating.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(millis_of(span)))
    }

    /// The duration from `self` to `later`; zero if `later` is earlier than `self`.
    #[must_use]
    pub fn until(self, later: Self) -> Duration {
        Duration::from_millis(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }

    /// Formats the instant; clamps those that RFC 3339 cannot represent. Formatting with `time` takes much longer, and
    /// a session check formats up to five.
    fn format(self, text: &mut Text) -> &str {
        let millis = self.0.clamp(0, LAST);
        let instant = OffsetDateTime::from_unix_timestamp(millis / 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (year, month, day) = instant.to_calendar_date();
        let (hour, minute, second) = instant.to_hms();
        let ([y1, y2], [y3, y4]) = (digits(year / 100), digits(year % 100));
        let ([m1, m2], [d1, d2]) = (digits(u8::from(month)), digits(day));
        let ([h1, h2], [n1, n2], [s1, s2]) = (digits(hour), digits(minute), digits(second));
        let ([_, f1], [f2, f3]) = (digits(millis / 100 % 10), digits(millis % 100));
        *text = [
            y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'.', f1, f2, f3,
            b'Z',
        ];
        str::from_utf8(text).unwrap_or_default()
    }
}

/// The two digits of a number below 100.
fn digits(number: impl TryInto<u8>) -> [u8; 2] {
    let number = number.try_into().unwrap_or_default();
    [b'0' + number / 10, b'0' + number % 10]
}

impl FromStr for Timestamp {
    type Err = &'static str;

    /// Parses RFC 3339 with any offset, within [`Timestamp::WRITABLE`].
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = OffsetDateTime::parse(text, &Rfc3339).ok();
        let universal = parsed.and_then(|time| time.checked_to_offset(UtcOffset::UTC));
        let millis = universal.and_then(|time| i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000)).ok());
        let time = millis.map(Self).filter(|time| Self::WRITABLE.contains(time));
        time.ok_or("must be a time such as 2026-11-21T10:00:00Z")
    }
}

pub(super) fn millis_of(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.format(&mut Text::default()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.format(&mut Text::default()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_formatted_as_rfc_3339_in_utc() {
        assert_eq!(Timestamp::from_millis(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::from_millis(1_795_255_709_007).to_string(), "2026-11-21T10:08:29.007Z");
        assert_eq!(Timestamp::from_millis(951_782_399_999).to_string(), "2000-02-28T23:59:59.999Z");
        assert_eq!(Timestamp::from_millis(951_868_799_010).to_string(), "2000-02-29T23:59:59.010Z");
        assert_eq!(Timestamp::from_millis(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Timestamp::from_millis(i64::MIN).to_string(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn arithmetic_saturates() {
        let start = Timestamp::from_millis(5);
        assert_eq!(start.after(Duration::MAX), Timestamp::from_millis(i64::MAX));
        assert_eq!(start.until(Timestamp::from_millis(3)), Duration::ZERO);
        assert_eq!(start.until(Timestamp::from_millis(8)), Duration::from_millis(3));
    }

    #[test]
    fn rfc_3339_is_parsed_with_any_offset() {
        assert_eq!("1970-01-01T01:00:00.007+01:00".parse(), Ok(Timestamp::from_millis(7)));
        assert_eq!("2026-11-21T10:08:29Z".parse(), Ok(Timestamp::from_millis(1_795_255_709_000)));
        for wrong in
            ["", "soon", "2026-11-21", "2026-13-21T10:00:00Z", "1969-12-31T23:59:59Z", "9998-12-31T23:59:59-01:00"]
        {
            assert!(wrong.parse::<Timestamp>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_day_is_parsed_as_its_start() {
        let read = |text| Timestamp::from_time_or_day(text).map(|time| time.to_string());
        assert_eq!(read("2026-11-21"), Ok("2026-11-21T00:00:00.000Z".to_owned()));
        assert_eq!(read("2026-11-21T10:08:29+01:00"), Ok("2026-11-21T09:08:29.000Z".to_owned()));
        for wrong in ["", "soon", "2026-11", "2026-02-29", "1969-12-31", "2026-11-21T", "2026-11-21T10", "2026-11-21 "]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
