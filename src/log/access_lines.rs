//! The lines of the access log, written without the general formatters.
//!
//! Most servers log each request, and tracing-subscriber's formatters took half as long for it as the request itself: they
//! prepare colours that are off, format the whole time again for each line, and write each value through several layers.
//! Only events with the target of the access log are written here, byte for byte as those formatters would. All others, and
//! lines with colours, are left to them.

use std::{
    cell::RefCell,
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use time::{OffsetDateTime, macros::format_description};
use tracing::{
    Event, Subscriber,
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
        match self.format {
            LogFormat::Text => {
                write_time(&mut writer, now())?;
                write!(writer, " {:>5}", metadata.level().as_str())?;
                let mut fields = TextFields { writer: &mut writer, result: Ok(()) };
                event.record(&mut fields);
                fields.result?;
                writer.write_char('\n')
            }
            LogFormat::Json => {
                writer.write_str("{\"timestamp\":\"")?;
                write_time(&mut writer, now())?;
                write!(writer, "\",\"level\":\"{}\"", metadata.level().as_str())?;
                let mut fields = JsonFields { writer: &mut writer, result: Ok(()) };
                event.record(&mut fields);
                fields.result?;
                writeln!(writer, ",\"target\":\"{ACCESS_LOG}\"}}")
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a log line has the time at which it was written")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// The second that was formatted last, in seconds since 1970, and its text.
struct Second(u64, String);

/// Writes the time in RFC 3339 with microseconds. The text of a second is kept until the next one.
fn write_time(writer: &mut Writer<'_>, now: SystemTime) -> fmt::Result {
    thread_local! {
        static LAST: RefCell<Second> = const { RefCell::new(Second(u64::MAX, String::new())) };
    }
    let since = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    LAST.with_borrow_mut(|last| {
        if last.0 != since.as_secs() {
            let whole = OffsetDateTime::from(UNIX_EPOCH + Duration::from_secs(since.as_secs()));
            let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].");
            *last = Second(since.as_secs(), whole.format(format).map_err(|_| fmt::Error)?);
        }
        writer.write_str(&last.1)
    })?;
    write!(writer, "{:06}Z", since.subsec_micros())
}

/// Writes ` name=value` for each field, and the message without a name.
struct TextFields<'w, 'writer> {
    writer: &'w mut Writer<'writer>,
    result: fmt::Result,
}

impl TextFields<'_, '_> {
    fn write(&mut self, field: &Field, write: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        let written = self.result.and_then(|()| match field.name() {
            "message" => self.writer.write_char(' '),
            name => self
                .writer
                .write_char(' ')
                .and_then(|()| self.writer.write_str(name))
                .and_then(|()| self.writer.write_char('=')),
        });
        self.result = written.and_then(|()| write(self.writer));
    }
}

impl Visit for TextFields<'_, '_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.write(field, |writer| match is_plain(value) {
            true => write_quoted(writer, value),
            false => write!(writer, "{value:?}"),
        });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.write(field, |writer| write!(writer, "{value:?}"));
    }
}

/// Writes `,"name":value` for each field.
struct JsonFields<'w, 'writer> {
    writer: &'w mut Writer<'writer>,
    result: fmt::Result,
}

impl JsonFields<'_, '_> {
    fn write(&mut self, field: &Field, write: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        let name = self
            .result
            .and_then(|()| self.writer.write_char(','))
            .and_then(|()| write_quoted(self.writer, field.name()));
        self.result = name.and_then(|()| self.writer.write_char(':')).and_then(|()| write(self.writer));
    }
}

impl Visit for JsonFields<'_, '_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.write(field, |writer| match is_plain(value) {
            true => write_quoted(writer, value),
            false => writer.write_str(&serde_json::to_string(value).map_err(|_| fmt::Error)?),
        });
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write(field, |writer| write!(writer, "{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write(field, |writer| write!(writer, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.write(field, |writer| write!(writer, "{value}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no infinity, and serde_json writes numbers in its own way.
        self.write(field, |writer| writer.write_str(&serde_json::to_string(&value).map_err(|_| fmt::Error)?));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

/// Whether a text needs no escaping in either format. What clients send, such as paths, is nearly always plain.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'))
}

fn write_quoted(writer: &mut Writer<'_>, text: &str) -> fmt::Result {
    writer.write_char('"')?;
    writer.write_str(text)?;
    writer.write_char('"')
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
            write_time(&mut Writer::new(&mut text), UNIX_EPOCH + Duration::from_millis(millis)).expect("a time");
            assert_eq!(text, expected);
        }
    }
}
