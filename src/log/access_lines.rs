//! The lines of the access log, written without the general formatters.
//!
//! Most servers log each request, and tracing-subscriber's formatters took half as long for it as the request itself: they
//! prepare colours that are off, format the whole time again for each line, and write each value through several layers.
//! Only events with the target of the access log are written here, byte for byte as those formatters would. All others, and
//! lines with colours, are left to them.

use std::{
    cell::RefCell,
    fmt::{self, Write},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use time::{OffsetDateTime, macros::format_description};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

use crate::{config::LogFormat, http::ACCESS_LOG};

/// Formats events of the access log, and leaves others to the formatter that it contains. The message of these events is a
/// constant and they are in no span, so that neither is escaped or written out here.
pub(super) struct AccessLines<F> {
    pub(super) format: LogFormat,
    pub(super) other: F,
}

impl<S, N, F> FormatEvent<S, N> for AccessLines<F>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let metadata = event.metadata();
        if metadata.target() != ACCESS_LOG || writer.has_ansi_escapes() {
            return self.other.format_event(context, writer, event);
        }
        LINE.with_borrow_mut(|line| {
            line.clear();
            match self.format {
                LogFormat::Text => {
                    push_time(line, now())?;
                    line.push_str(padded(*metadata.level()));
                    event.record(&mut TextFields(line));
                }
                LogFormat::Json => {
                    line.push_str("{\"timestamp\":\"");
                    push_time(line, now())?;
                    line.push_str("\",\"level\":\"");
                    line.push_str(metadata.level().as_str());
                    line.push('"');
                    event.record(&mut JsonFields(line));
                    line.push_str(",\"target\":\"");
                    line.push_str(ACCESS_LOG);
                    line.push_str("\"}");
                }
            }
            line.push('\n');
            writer.write_str(line)
        })
    }
}

thread_local! {
    /// The line that is being written. Its memory is used again.
    static LINE: RefCell<String> = const { RefCell::new(String::new()) };
}

#[expect(clippy::disallowed_methods, reason = "a log line has the time at which it was written")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// The level between spaces, as long as the longest.
fn padded(level: Level) -> &'static str {
    match level {
        Level::TRACE => " TRACE",
        Level::DEBUG => " DEBUG",
        Level::INFO => "  INFO",
        Level::WARN => "  WARN",
        Level::ERROR => " ERROR",
    }
}

/// The second that was formatted last, in seconds since 1970, and its text.
struct Second(u64, String);

/// Adds the time in RFC 3339 with microseconds. The text of a second is kept until the next one.
fn push_time(line: &mut String, now: SystemTime) -> fmt::Result {
    thread_local! {
        static LAST: RefCell<Second> = const { RefCell::new(Second(u64::MAX, String::new())) };
    }
    let since = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    LAST.with_borrow_mut(|last| -> fmt::Result {
        if last.0 != since.as_secs() {
            let whole = OffsetDateTime::from(UNIX_EPOCH + Duration::from_secs(since.as_secs()));
            let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].");
            *last = Second(since.as_secs(), whole.format(format).map_err(|_| fmt::Error)?);
        }
        line.push_str(&last.1);
        Ok(())
    })?;
    push_digits(line, since.subsec_micros().into(), 6);
    line.push('Z');
    Ok(())
}

fn push_number(line: &mut String, number: u64) {
    line.push_str(itoa::Buffer::new().format(number));
}

/// Adds a number, padded with zeros to so many digits. It must not have more.
fn push_digits(line: &mut String, number: u64, digits: u32) {
    let mut buffer = itoa::Buffer::new();
    let text = buffer.format(10_u64.pow(digits) + number);
    line.push_str(text.get(1..).unwrap_or_default());
}

/// Adds a number of seconds as the format writes it. Returns whether it could: only a whole number of nanoseconds, not too
/// small or large.
fn push_seconds(line: &mut String, seconds: f64, format: LogFormat) -> bool {
    const NANOS: f64 = 1e9;
    if !(1e-5..1e3).contains(&seconds) {
        return false;
    }
    // In this range it is exact if the division gives the same number, and then no shorter text stands for it.
    let nanos = (seconds * NANOS).round();
    if nanos / NANOS != seconds {
        return false;
    }
    #[expect(clippy::as_conversions, reason = "a whole number below 10¹²")]
    let nanos = nanos as u64;
    if nanos < 100_000 && matches!(format, LogFormat::Text) {
        // Such as `1.23e-5`.
        push_number(line, nanos / 10_000);
        line.push('.');
        push_digits(line, nanos % 10_000, 4);
        line.truncate(line.trim_end_matches('0').trim_end_matches('.').len());
        line.push_str("e-5");
    } else {
        push_number(line, nanos / 1_000_000_000);
        line.push('.');
        let first = line.len() + 1;
        push_digits(line, nanos % 1_000_000_000, 9);
        line.truncate(line.trim_end_matches('0').len().max(first));
    }
    true
}

/// Adds anything else.
fn push_formatted(line: &mut String, value: fmt::Arguments<'_>) {
    // Writing to a String fails only if the value's own formatting does, and then its field is left empty.
    let _ = line.write_fmt(value);
}

/// Adds ` name=value` for each field, and the message without a name.
struct TextFields<'l>(&'l mut String);

impl TextFields<'_> {
    fn push_name(&mut self, field: &Field) {
        self.0.push(' ');
        if field.name() != "message" {
            self.0.push_str(field.name());
            self.0.push('=');
        }
    }
}

impl Visit for TextFields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.push_name(field);
        match is_plain(value) {
            true => push_quoted(self.0, value),
            false => push_formatted(self.0, format_args!("{value:?}")),
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push_name(field);
        push_number(self.0, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push_name(field);
        if !push_seconds(self.0, value, LogFormat::Text) {
            push_formatted(self.0, format_args!("{value:?}"));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.push_name(field);
        push_formatted(self.0, format_args!("{value:?}"));
    }
}

/// Adds `,"name":value` for each field.
struct JsonFields<'l>(&'l mut String);

impl JsonFields<'_> {
    fn push_name(&mut self, field: &Field) {
        self.0.push_str(",\"");
        self.0.push_str(field.name());
        self.0.push_str("\":");
    }
}

impl Visit for JsonFields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.push_name(field);
        match is_plain(value) {
            true => push_quoted(self.0, value),
            false => self.0.push_str(&serde_json::to_string(value).unwrap_or_default()),
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push_name(field);
        push_number(self.0, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push_name(field);
        push_formatted(self.0, format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push_name(field);
        push_formatted(self.0, format_args!("{value}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push_name(field);
        // JSON has no infinity, and serde_json writes numbers in its own way.
        if !push_seconds(self.0, value, LogFormat::Json) {
            self.0.push_str(&serde_json::to_string(&value).unwrap_or_default());
        }
    }

    /// The message, and addresses.
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.push_name(field);
        let start = self.0.len();
        self.0.push('"');
        push_formatted(self.0, format_args!("{value:?}"));
        if self.0.get(start + 1..).is_some_and(is_plain) {
            self.0.push('"');
        } else {
            let value = self.0.split_off(start);
            self.0.push_str(&serde_json::to_string(value.get(1..).unwrap_or_default()).unwrap_or_default());
        }
    }
}

/// Whether a text needs no escaping in either format. What clients send, such as paths, is nearly always plain.
fn is_plain(text: &str) -> bool {
    // Looks at every byte, also after one that needs escaping: without a branch for each, the compiler uses SIMD instructions.
    text.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~') & (byte != b'"') & (byte != b'\\'))
}

fn push_quoted(line: &mut String, text: &str) {
    line.push('"');
    line.push_str(text);
    line.push('"');
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex, PoisonError},
    };

    use tracing_subscriber::{
        Layer,
        fmt::{
            MakeWriter,
            format::{self, JsonFields as Json},
            layer,
        },
        layer::SubscriberExt,
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Buffer {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    /// What is logged by `log`, without the times.
    fn lines<S>(subscriber: S, buffer: &Buffer, log: fn()) -> String
    where
        S: Subscriber + Send + Sync,
    {
        tracing::subscriber::with_default(subscriber, log);
        let bytes = buffer.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = String::from_utf8(bytes).expect("UTF-8");
        let time = |line: &str| line.find("20").map(|start| line.chars().skip(start).take(27).collect::<String>());
        text.lines().map(|line| line.replacen(&time(line).unwrap_or_default(), "", 1) + "\n").collect()
    }

    fn text(ours: bool, log: fn()) -> String {
        let buffer = Buffer::default();
        let plain = || format::Format::default().with_target(false).with_ansi(false);
        let layer = layer().with_writer(buffer.clone()).with_ansi(false);
        let layer = match ours {
            true => layer.event_format(AccessLines { format: LogFormat::Text, other: plain() }).boxed(),
            false => layer.event_format(plain()).boxed(),
        };
        lines(tracing_subscriber::registry().with(layer), &buffer, log)
    }

    fn json(ours: bool, log: fn()) -> String {
        let buffer = Buffer::default();
        let plain = || format::Format::default().json().flatten_event(true);
        let layer = layer().with_writer(buffer.clone()).fmt_fields(Json::new());
        let layer = match ours {
            true => layer.event_format(AccessLines { format: LogFormat::Json, other: plain() }).boxed(),
            false => layer.event_format(plain()).boxed(),
        };
        lines(tracing_subscriber::registry().with(layer), &buffer, log)
    }

    fn requests() {
        for path in
            ["/blog/1", "", "/a\"b\\c", "/\n2026 INFO forged", "/\x1b[2J\x07\x7f", "/ü/\u{202e}\u{85}\u{200b}", "/'\0"]
        {
            tracing::event!(
                target: "tollgate::access_log",
                tracing::Level::INFO,
                request_id = "0123",
                url.path = path,
                http.route = None::<&str>,
                http.response.status_code = 200_u16,
                http.server.request.duration = 0.000_012_3,
                client.address = %std::net::Ipv4Addr::LOCALHOST,
                user.id = Some(-1_i64),
                trace_id = Some(path),
                "request"
            );
        }
        tracing::event!(target: "tollgate::access_log", tracing::Level::DEBUG, seconds = 1.0, tiny = 1e-9, big = 1e21, "request");
        tracing::warn!(target: "tollgate", path = "/", "something else");
    }

    #[test]
    fn lines_are_those_of_the_general_formatter() {
        assert_eq!(text(true, requests), text(false, requests));
        assert_eq!(text(true, requests).lines().count(), 9, "a path cannot add a line");
    }

    #[test]
    fn json_lines_are_those_of_the_general_formatter() {
        assert_eq!(json(true, requests), json(false, requests));
        assert_eq!(json(true, requests).lines().count(), 9, "a path cannot add a line");
    }

    #[test]
    fn the_time_has_six_digits_of_a_second_and_its_text_changes_with_the_second() {
        for (millis, expected) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (1_795_255_200_007, "2026-11-21T10:00:00.007000Z"),
            (1_795_255_200_999, "2026-11-21T10:00:00.999000Z"),
            (1_795_255_201_000, "2026-11-21T10:00:01.000000Z"),
        ] {
            let mut text = String::new();
            push_time(&mut text, UNIX_EPOCH + Duration::from_millis(millis)).expect("a time");
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn a_duration_is_written_as_by_the_general_formatters() {
        let nanos = (1..40).map(|power| 3_u64.pow(power) % 1_000_000_000_000);
        let written = [10_000, 12_345, 20_500, 36_000, 99_999, 100_000, 1_234_567, 1_000_000_000];
        for nanos in nanos.chain(written).chain([0, 1, 9_999, 999_999_999, 1_000_000_001, 999_999_999_999]) {
            let seconds = Duration::from_nanos(nanos).as_secs_f64();
            let json = serde_json::to_string(&seconds).expect("a number");
            for (format, expected) in [(LogFormat::Text, format!("{seconds:?}")), (LogFormat::Json, json)] {
                let mut line = String::new();
                if push_seconds(&mut line, seconds, format) {
                    assert_eq!(line, expected);
                } else {
                    assert!(line.is_empty() && !written.contains(&nanos), "{nanos}");
                }
            }
        }
    }

    #[test]
    fn a_number_is_padded_with_zeros() {
        for (number, digits, expected) in [(0, 1, "0"), (7, 6, "000007"), (999_999, 6, "999999"), (5, 9, "000000005")] {
            let mut line = String::new();
            push_digits(&mut line, number, digits);
            assert_eq!(line, expected);
        }
    }
}
