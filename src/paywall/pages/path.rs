//! The path of a page of another application.
//!
//! The same page can be requested with several spellings of its path. Spellings that all servers treat alike have one
//! canonical path, so that the page is charged once. Spellings that some servers resolve to another page are refused:
//! treating them as different pages would charge the reader twice, and resolving them here could open two pages for one
//! charge.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// The maximum length of a canonical path. PostgreSQL can index up to 2,704 bytes.
const MAX_LENGTH: usize = 2048;

/// What is encoded in a canonical path: everything but the characters that may appear in it (RFC 3986, section 3.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// A canonical path: ASCII, percent-encoded where necessary, and without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PagePath(String);

/// The path is ambiguous, malformed or too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidPath;

impl PagePath {
    /// Parses the path and query of a request, as sent by the client.
    pub fn parse(uri: &[u8]) -> Result<Self, InvalidPath> {
        let path = uri.split(|byte| *byte == b'?').next().unwrap_or_default();
        let segments = path.strip_prefix(b"/").ok_or(InvalidPath)?;
        // `/essays` and `/essays/` are the same page almost everywhere, and one of them often redirects to the other.
        let segments = segments.strip_suffix(b"/").unwrap_or(segments);
        if path == b"/" {
            return Ok(Self("/".to_owned()));
        }
        let mut canonical = String::with_capacity(path.len());
        for segment in segments.split(|byte| *byte == b'/') {
            canonical.push('/');
            canonical.extend(percent_encode(&decode(segment)?, ENCODED));
        }
        if canonical.len() > MAX_LENGTH { Err(InvalidPath) } else { Ok(Self(canonical)) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Decodes a segment of a path, unless servers disagree about what it means.
fn decode(segment: &[u8]) -> Result<Vec<u8>, InvalidPath> {
    let mut decoded = Vec::with_capacity(segment.len());
    let mut rest = segment;
    while let Some((first, others)) = rest.split_first() {
        let (byte, others) = match (first, others) {
            (b'%', [high, low, others @ ..]) => (hex(*high)? << 4 | hex(*low)?, others),
            // Invalid percent-encoding, or a fragment, which no client sends.
            (b'%' | b'#', _) => return Err(InvalidPath),
            (byte, others) => (*byte, others),
        };
        // An encoded slash separates segments for some servers, and so does a backslash, even if it is not encoded.
        if byte.is_ascii_control() || byte == b'/' || byte == b'\\' {
            return Err(InvalidPath);
        }
        decoded.push(byte);
        rest = others;
    }
    // Some servers drop what follows a semicolon before they look for dots.
    let name = decoded.split(|byte| *byte == b';').next().unwrap_or_default();
    if decoded.is_empty() || name == b"." || name == b".." { Err(InvalidPath) } else { Ok(decoded) }
}

fn hex(digit: u8) -> Result<u8, InvalidPath> {
    let value = char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    value.ok_or(InvalidPath)
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode;
    use proptest::prelude::*;

    use super::*;

    fn parse(uri: &str) -> Option<String> {
        PagePath::parse(uri.as_bytes()).ok().map(|path| path.as_str().to_owned())
    }

    #[test]
    fn spellings_of_the_same_page_have_one_path() {
        for spelling in
            ["/essays/on-tolls", "/essays/on-tolls/", "/essays/on-tolls?page=2", "/%65ssays/on%2dtolls?/../x#"]
        {
            assert_eq!(parse(spelling).as_deref(), Some("/essays/on-tolls"), "{spelling}");
        }
        for root in ["/", "/?", "/?p=1"] {
            assert_eq!(parse(root).as_deref(), Some("/"), "{root}");
        }
        for (one, other) in [("/a%40b%3bc", "/a@b;c"), ("/%e4%bd%A0", "/你"), ("/%7Eada", "/~ada"), ("/a+b", "/a%2Bb")]
        {
            assert_eq!(parse(one), parse(other));
        }
    }

    #[test]
    fn different_pages_have_different_paths() {
        for (one, other) in
            [("/a", "/A"), ("/a%3Fb", "/a?b"), ("/%2541", "/A"), ("/a;x=1", "/a"), ("/a.", "/a"), ("/...", "/.")]
        {
            assert_ne!(parse(one), parse(other), "{one} {other}");
        }
        assert_eq!(parse("/a%3fb%23c%25d e").as_deref(), Some("/a%3Fb%23c%25d%20e"));
        assert_eq!(PagePath::parse(b"/caf\xe9").map(|path| path.0), Ok("/caf%E9".to_owned()));
    }

    #[test]
    fn what_servers_may_resolve_to_another_page_is_refused() {
        for ambiguous in [
            "",
            "essays",
            "*",
            "http://host/a",
            "//",
            "//a",
            "/a//b",
            "/a//",
            "/.",
            "/./a",
            "/..",
            "/a/../b",
            "/a/..",
            "/a/%2e%2E/b",
            "/%2e/a",
            "/.%2e",
            "/..;/a",
            "/a/..;x=1/b",
            "/.;",
            "/a%2fb",
            "/a%2Fb",
            "/a%5cb",
            "/a\\b",
            "/a%00",
            "/a%0d%0a",
            "/a%7f",
            "/a\tb",
            "/a#b",
            "/%",
            "/%4",
            "/%zz",
            "/%4g",
            "/%+1",
        ] {
            assert_eq!(parse(ambiguous), None, "{ambiguous}");
        }
    }

    #[test]
    fn a_path_is_as_long_as_can_be_stored() {
        assert!(parse(&format!("/{}", "a".repeat(2047))).is_some());
        assert_eq!(parse(&format!("/{}", "a".repeat(2048))), None);
        assert_eq!(parse(&format!("/{}", "ä".repeat(342))), None, "what counts is the encoded path");
    }

    proptest! {
        #[test]
        fn a_canonical_path_is_its_own_canonical_path_and_decodes_to_the_same(uri in "/[ -~ä]{0,40}") {
            if let Ok(path) = PagePath::parse(uri.as_bytes()) {
                prop_assert_eq!(PagePath::parse(path.as_str().as_bytes()), Ok(path.clone()));
                let sent = uri.split('?').next().unwrap_or_default();
                let sent: Vec<u8> = percent_decode(sent.as_bytes()).collect();
                let sent = sent.strip_suffix(b"/").filter(|rest| !rest.is_empty()).unwrap_or(&sent).to_vec();
                prop_assert_eq!(percent_decode(path.as_str().as_bytes()).collect::<Vec<_>>(), sent);
            }
        }
    }
}
