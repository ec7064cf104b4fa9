//! Parses and formats durations such as `90s`, `15m`, `24h` and `30d`.
//!
//! `humantime` accepts more than anyone would expect here (`15M` is fifteen months of 30.44 days each) and formats 60
//! days as `1month 29days …`.

use std::time::Duration;

use super::setting::{Values, Writable};

pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

const MIN: Duration = Duration::from_secs(1);

/// A hundred years. A longer duration could lead to a time that RFC 3339 cannot represent.
const MAX: Duration = DAY.saturating_mul(36_500);

/// Durations.
pub(super) enum Span {
    Positive,
    PositiveOrZero,
}

impl Values<Duration> for Span {
    fn describe(&self) -> String {
        let min = match self {
            Self::Positive => MIN,
            Self::PositiveOrZero => Duration::ZERO,
        };
        format!("a duration from {} to {}", write(min), write(MAX))
    }

    fn parse(&self, text: &str) -> Result<Duration, String> {
        match self {
            Self::PositiveOrZero if text == "0s" => Ok(Duration::ZERO),
            _ => parse(text).ok_or_else(|| error("a duration such as 90s, 15m, 24h or 30d")),
        }
    }
}

impl Writable<Duration> for Span {
    fn write(&self, value: &Duration) -> String {
        write(*value)
    }
}

/// Durations, or `off`.
pub(super) struct SpanOrOff;

impl Values<Option<Duration>> for SpanOrOff {
    fn describe(&self) -> String {
        format!("off, or {}", Span::Positive.describe())
    }

    fn parse(&self, text: &str) -> Result<Option<Duration>, String> {
        match text {
            "off" => Ok(None),
            text => parse(text).map(Some).ok_or_else(|| error("off, or a duration such as 365d")),
        }
    }
}

impl Writable<Option<Duration>> for SpanOrOff {
    fn write(&self, value: &Option<Duration>) -> String {
        value.map_or_else(|| "off".to_owned(), write)
    }
}

fn error(examples: &str) -> String {
    format!("must be {examples}, at most {}", write(MAX))
}

fn parse(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let number = text.strip_suffix(unit).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    let seconds_each = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return None,
    };
    let duration = Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(seconds_each)?);
    (MIN..=MAX).contains(&duration).then_some(duration)
}

/// Formats a duration in the largest unit of which it has at least two: a day is `24h`.
fn write(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(24 * 60 * 60, 'd'), (60 * 60, 'h'), (60, 'm')];
    let fits = |(each, _): &(u64, char)| seconds >= 2 * each && seconds.is_multiple_of(*each);
    let (seconds_each, unit) = units.into_iter().find(fits).unwrap_or((1, 's'));
    format!("{}{unit}", seconds / seconds_each)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        assert_eq!(parse("90s"), Some(Duration::from_secs(90)));
        assert_eq!(parse("15m"), Some(Duration::from_secs(900)));
        assert_eq!(parse("24h"), Some(Duration::from_secs(86_400)));
        assert_eq!(parse("30d"), Some(Duration::from_secs(2_592_000)));
    }

    #[test]
    fn zero_is_accepted_only_where_it_is_allowed() {
        assert_eq!(Span::PositiveOrZero.parse("0s"), Ok(Duration::ZERO));
        assert_eq!(Span::PositiveOrZero.parse("5s"), Ok(Duration::from_secs(5)));
        assert!(Span::Positive.parse("0s").is_err() && Span::PositiveOrZero.parse("").is_err());
    }

    #[test]
    fn a_formatted_duration_is_the_parsed_text() {
        for text in ["90s", "15m", "24h", "30d", "36500d"] {
            assert_eq!(parse(text).map(write).as_deref(), Some(text));
        }
        assert_eq!((write(Duration::ZERO), write(2 * DAY)), ("0s".to_owned(), "2d".to_owned()));
    }

    #[test]
    fn anything_else_is_rejected() {
        for wrong in ["", "s", "5", "0s", "-1s", "+5s", "1.5h", "1w", "5 m", "36501d", "99999999999999999999s", "5é"] {
            assert!(parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn an_error_describes_valid_durations() {
        let error = "must be a duration such as 90s, 15m, 24h or 30d, at most 36500d";
        assert_eq!(Span::Positive.parse("soon"), Err(error.to_owned()));
        assert_eq!(Span::PositiveOrZero.parse("soon"), Err(error.to_owned()));
        let error = "must be off, or a duration such as 365d, at most 36500d";
        assert_eq!(SpanOrOff.parse("never"), Err(error.to_owned()));
    }
}
