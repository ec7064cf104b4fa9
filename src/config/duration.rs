//! Parses and formats durations such as `90s`, `15m`, `24h` and `30d`.

use std::time::Duration;

/// A hundred years. A longer duration could lead to a time that RFC 3339 cannot represent.
const MAX_SECONDS: u64 = 36_500 * 24 * 60 * 60;

/// Parses a duration of at least one second.
pub(super) fn duration(text: &str) -> Result<Duration, &'static str> {
    const ERROR: &str = "must be a duration such as 90s, 15m, 24h or 30d, at most 36500d";
    let unit = text.chars().next_back().ok_or(ERROR)?;
    let number = text.strip_suffix(unit).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    let number: u64 = number.and_then(|digits| digits.parse().ok()).ok_or(ERROR)?;
    let seconds_each = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return Err(ERROR),
    };
    match number.checked_mul(seconds_each) {
        Some(seconds @ 1..=MAX_SECONDS) => Ok(Duration::from_secs(seconds)),
        _ => Err(ERROR),
    }
}

/// Parses a duration that may also be `0s`.
pub(super) fn duration_or_zero(text: &str) -> Result<Duration, &'static str> {
    if text == "0s" { Ok(Duration::ZERO) } else { duration(text) }
}

/// Formats a duration in the largest unit that divides it.
pub(super) fn write(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(24 * 60 * 60, 'd'), (60 * 60, 'h'), (60, 'm')];
    let unit = units.into_iter().find(|(seconds_each, _)| seconds.is_multiple_of(*seconds_each));
    let (seconds_each, unit) = unit.unwrap_or((1, 's'));
    format!("{}{unit}", seconds / seconds_each)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("15m"), Ok(Duration::from_secs(900)));
        assert_eq!(duration("24h"), Ok(Duration::from_secs(86_400)));
        assert_eq!(duration("30d"), Ok(Duration::from_secs(2_592_000)));
    }

    #[test]
    fn zero_is_accepted_only_by_duration_or_zero() {
        assert_eq!(duration_or_zero("0s"), Ok(Duration::ZERO));
        assert_eq!(duration_or_zero("5s"), Ok(Duration::from_secs(5)));
        assert!(duration("0s").is_err() && duration_or_zero("").is_err());
    }

    #[test]
    fn a_formatted_duration_is_the_parsed_text() {
        for text in ["90s", "15m", "23h", "30d"] {
            assert_eq!(duration(text).map(write).as_deref(), Ok(text));
        }
        assert_eq!(write(Duration::from_secs(24 * 60 * 60)), "1d");
    }

    #[test]
    fn anything_else_is_rejected() {
        for wrong in ["", "s", "5", "0s", "-1s", "+5s", "1.5h", "1w", "5 m", "36501d", "99999999999999999999s", "5é"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
