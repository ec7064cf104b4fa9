//! Finds the end of each request in the bytes of a connection (RFC 9112, section 6).

use std::{mem::MaybeUninit, str};

use httparse::{Header, Request, Status};

/// actix-http rejects a request with more headers.
const MAX_HEADERS: usize = 96;

/// An incomplete head is buffered up to this size, so that thousands of connections cannot exhaust memory. A connection
/// with a longer head is not tracked any further.
const MAX_PARTIAL_HEAD: usize = 16 * 1024;

/// Tracks the requests of one connection, parsing them as actix-http does. After a request that actix-http rejects,
/// nothing more is tracked.
#[derive(Debug, Default)]
pub(super) struct Framing {
    expected: Expected,
    /// The start of a head that has not been received completely.
    partial_head: Vec<u8>,
}

#[derive(Debug, Default)]
enum Expected {
    #[default]
    Head,
    /// The remaining bytes of a body.
    Body(u64),
    Chunks(Chunks),
    /// The rest of the connection, which is not tracked.
    Anything,
}

impl Framing {
    /// Returns how many of the next bytes belong to the current request; `None` if it continues after them.
    pub(super) fn end_of_request(&mut self, bytes: &[u8]) -> Option<usize> {
        match &mut self.expected {
            Expected::Head => self.end_after_head(bytes),
            Expected::Body(left) => match usize::try_from(*left).ok().filter(|left| *left <= bytes.len()) {
                Some(end) => self.end(end),
                None => {
                    *left -= u64::try_from(bytes.len()).unwrap_or(*left);
                    None
                }
            },
            Expected::Chunks(chunks) => {
                let end = chunks.end(bytes)?;
                self.end(end)
            }
            Expected::Anything => None,
        }
    }

    fn end(&mut self, end: usize) -> Option<usize> {
        self.expected = Expected::Head;
        Some(end)
    }

    fn end_after_head(&mut self, bytes: &[u8]) -> Option<usize> {
        let received = self.partial_head.len();
        if received == 0 && is_one_request_without_body(bytes) {
            return Some(bytes.len());
        }
        let parsed = if received == 0 {
            parse_head(bytes)
        } else {
            self.partial_head.extend_from_slice(bytes);
            parse_head(&self.partial_head)
        };
        let Some((length, expected)) = parsed else {
            self.buffer_partial_head(bytes);
            return None;
        };
        self.partial_head = Vec::new();
        let end = length.saturating_sub(received);
        if matches!(expected, Expected::Head) {
            return self.end(end);
        }
        self.expected = expected;
        let body = bytes.get(end..).unwrap_or_default();
        self.end_of_request(body).map(|length| end + length)
    }

    fn buffer_partial_head(&mut self, bytes: &[u8]) {
        if self.partial_head.is_empty() {
            self.partial_head = bytes.to_vec();
        }
        if self.partial_head.len() > MAX_PARTIAL_HEAD {
            *self = Self { expected: Expected::Anything, partial_head: Vec::new() };
        }
    }
}

/// Whether the bytes are certainly one request without a body, as almost every read is. Saves parsing each head twice,
/// here and in actix-http.
fn is_one_request_without_body(bytes: &[u8]) -> bool {
    // A `head` that ends with a line break is rejected below: its request ends before the last `\r\n`, which would be
    // an empty line in front of the next request.
    let Some(head) = bytes.strip_suffix(b"\r\n\r\n").filter(|head| head.starts_with(b"GET /")) else { return false };
    memchr::memchr_iter(b'\n', head).all(|line_break| {
        let line = head.get(line_break + 1..).unwrap_or_default();
        // An empty line ends the head. The other headers are those that `expected_after` looks for.
        let names: &[&str] = match line.first() {
            None | Some(b'\r' | b'\n') => return false,
            Some(b'c' | b'C') => &["content-length"],
            Some(b't' | b'T') => &["transfer-encoding"],
            Some(b'u' | b'U') => &["upgrade"],
            Some(_) => &[],
        };
        !names
            .iter()
            .any(|name| line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes())))
    })
}

/// Returns the length of a head and what follows it; `None` if the head is incomplete.
fn parse_head(bytes: &[u8]) -> Option<(usize, Expected)> {
    // Uninitialized, because clearing space for this many headers would cost more than parsing those of most requests.
    let mut headers = [MaybeUninit::uninit(); MAX_HEADERS];
    let mut request = Request::new(&mut []);
    match request.parse_with_uninit_headers(bytes, &mut headers) {
        Ok(Status::Complete(length)) => Some((length, expected_after(&request).unwrap_or(Expected::Anything))),
        Ok(Status::Partial) => None,
        Err(_) => Some((bytes.len(), Expected::Anything)),
    }
}

/// Returns what follows a head; `None` if actix-http rejects it.
fn expected_after(request: &Request<'_, '_>) -> Option<Expected> {
    let (mut length, mut is_chunked, mut is_upgrade) = (None, false, false);
    for Header { name, value } in request.headers.iter() {
        if name.eq_ignore_ascii_case("content-length") {
            let digits = str::from_utf8(value).ok()?.trim();
            if length.replace(digits.parse::<u64>().ok()?).is_some() || digits.starts_with('+') {
                return None;
            }
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            is_chunked = true;
        } else if name.eq_ignore_ascii_case("upgrade") {
            is_upgrade |= value.trim_ascii().eq_ignore_ascii_case(b"websocket");
        }
    }
    Some(match length {
        _ if is_chunked => Expected::Chunks(Chunks::default()),
        _ if is_upgrade => Expected::Anything,
        Some(length @ 1..) => Expected::Body(length),
        _ if request.method == Some("CONNECT") => Expected::Anything,
        _ => Expected::Head,
    })
}

/// The position in a chunked body (RFC 9112, section 7.1).
#[derive(Debug)]
enum Chunks {
    /// In the digits of a chunk size, with the value so far.
    Size(u64),
    /// After the chunk size, in the rest of its line.
    SizeLine(u64),
    /// In a chunk, with the number of bytes left, including the line break after the chunk.
    Data(u64),
    /// After the last chunk, in a line that may be empty so far.
    Trailer { is_empty: bool },
}

impl Default for Chunks {
    fn default() -> Self {
        Self::Size(0)
    }
}

impl Chunks {
    /// Returns the position after the body, if the body ends in these bytes.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut rest = bytes;
        while let Some((byte, after)) = rest.split_first() {
            rest = after;
            match (&mut *self, byte) {
                (Self::Data(left), _) => {
                    let skipped = usize::try_from(*left - 1).unwrap_or(usize::MAX).min(rest.len());
                    rest = rest.get(skipped..).unwrap_or_default();
                    *left -= u64::try_from(skipped).unwrap_or_default() + 1;
                    if *left == 0 {
                        *self = Self::Size(0);
                    }
                }
                (Self::Size(0) | Self::SizeLine(0), b'\n') => *self = Self::Trailer { is_empty: true },
                (Self::Size(size) | Self::SizeLine(size), b'\n') => *self = Self::Data(size.saturating_add(2)),
                (Self::Size(size), digit) => match char::from(*digit).to_digit(16) {
                    Some(digit) => *size = size.saturating_mul(16).saturating_add(digit.into()),
                    None => *self = Self::SizeLine(*size),
                },
                (Self::Trailer { is_empty: true }, b'\n') => return Some(bytes.len() - rest.len()),
                (Self::Trailer { is_empty }, byte) => *is_empty = *byte == b'\n' || (*is_empty && *byte == b'\r'),
                (Self::SizeLine(_), _) => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    const SHORT: &str = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
    const CHUNKED: &str = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: x\r\n\r\n\
                           1a;a=b\r\nabcdefghijklmnopqrstuvwxyz\r\n2 \r\n\r\n\r\n0\r\nTrailer: x\r\n\r\n";

    /// The positions where requests end if the bytes arrive in parts of `size`.
    fn ends(bytes: &[u8], size: usize) -> Vec<usize> {
        let (mut framing, mut ends) = (Framing::default(), Vec::new());
        for (number, part) in bytes.chunks(size).enumerate() {
            let mut done = 0;
            while let Some(end) =
                part.get(done..).filter(|rest| !rest.is_empty()).and_then(|rest| framing.end_of_request(rest))
            {
                done += end;
                ends.push(number * size + done);
            }
        }
        ends
    }

    #[test]
    fn the_end_of_a_request_does_not_depend_on_how_its_bytes_are_split() {
        let requests = [
            GET,
            SHORT,
            GET,
            CHUNKED,
            "\r\nHEAD / HTTP/1.0\n\n",
            CHUNKED,
            SHORT,
            "PUT / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        ];
        let mut length = 0;
        let expected: Vec<_> = requests
            .iter()
            .map(|request| {
                length += request.len();
                length
            })
            .collect();
        for size in 1..=length {
            assert_eq!(ends(requests.concat().as_bytes(), size), expected, "{size}");
        }
    }

    #[test]
    fn only_a_single_request_without_a_body_is_recognized_without_parsing() {
        let get = |headers: &str| format!("GET / HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
        assert!(is_one_request_without_body(get("").as_bytes()));
        assert!(is_one_request_without_body(
            get("Cookie: a=content-length\r\nCache-Control: x\r\nTE: x\r\n").as_bytes()
        ));
        for other in [
            get("CONTENT-length: 0\r\n"),
            get("Transfer-Encoding: chunked\r\n"),
            get("upgrade: websocket\r\n"),
            get("").repeat(2),
            get("\n"),
            get("a: b\n\nGET / HTTP/1.1\r\n"),
            get("").trim_end().to_owned() + "\r\n",
            format!("\r\n{}", get("")),
            format!("{}x", get("")),
            SHORT.to_owned(),
            String::new(),
        ] {
            assert!(!is_one_request_without_body(other.as_bytes()), "{other:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_recognized_without_parsing_is_parsed_the_same(
            parts in proptest::collection::vec(proptest::sample::select(vec![
                "GET / HTTP/1.1", "\r\n", "\n", "\r", "\r\n\r\n", "Host: x", "Content-Length: 3", "c", ":", " ",
                "Upgrade: websocket", "HEAD / HTTP/1.1\r\n", "transfer-encoding: chunked\r\n",
            ]), 0..12),
        ) {
            let bytes = ["GET / HTTP/1.1\r\n", &parts.concat(), "\r\n\r\n"].concat();
            if is_one_request_without_body(bytes.as_bytes()) {
                let parsed = parse_head(bytes.as_bytes());
                let is_request = matches!(parsed, Some((length, Expected::Head)) if length == bytes.len());
                // A malformed head is rejected by actix-http, after which nothing matters.
                let is_rejected = matches!(parsed, Some((_, Expected::Anything)));
                proptest::prop_assert!(is_request || is_rejected, "{bytes:?}");
            }
        }
    }

    #[test]
    fn requests_that_have_no_end_or_are_rejected_are_not_tracked() {
        let long = format!("GET / HTTP/1.1\r\nX-Long: {}\r\n\r\n", "x".repeat(2 * MAX_PARTIAL_HEAD));
        for endless in [
            "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nUpgrade: WebSocket\r\nContent-Length: 5\r\n\r\n",
            "GET / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
            "GET / HTTP/1.1\r\nContent-Length: +5\r\n\r\n",
            "GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
            "HELLO\r\n\r\n",
            &long,
        ] {
            assert_eq!(ends(format!("{endless}{GET}{GET}").as_bytes(), 1000), [0; 0], "{endless}");
        }
    }
}
