//! Reads the lines of a file of any size, one at a time.

use std::io::{self, BufRead, Read};

/// The maximum length of a line or record, which is many times the length of a name, an address and a hash.
pub(super) const MAX_BYTES: usize = 64 * 1024;

/// Including a line ending of two bytes.
const MAX_READ: usize = MAX_BYTES + 2;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads lines with Unix or Windows line endings.
pub(super) struct Lines {
    source: Box<dyn BufRead>,
    number: u64,
    bytes: Vec<u8>,
}

pub(super) struct Line<'a> {
    /// The first line is 1.
    pub(super) number: u64,
    /// Ends with a line feed, which is added to the last line of a file if missing; `None` if the line is too long.
    pub(super) bytes: Option<&'a [u8]>,
}

impl Lines {
    pub(super) fn new(source: Box<dyn BufRead>) -> Self {
        Self { source, number: 0, bytes: Vec::new() }
    }

    /// Returns the next line.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.bytes.clear();
        let max = u64::try_from(MAX_READ).unwrap_or(u64::MAX);
        if self.source.by_ref().take(max).read_until(b'\n', &mut self.bytes)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        // Spreadsheets write it at the start of a text file.
        if self.number == 1 && self.bytes.starts_with(BYTE_ORDER_MARK) {
            self.bytes.drain(..BYTE_ORDER_MARK.len());
        }
        if self.bytes.len() == MAX_READ && !self.bytes.ends_with(b"\n") {
            self.skip()?;
            return Ok(Some(Line { number: self.number, bytes: None }));
        }
        for end in [b'\n', b'\r'] {
            self.bytes.pop_if(|last| *last == end);
        }
        let fits = self.bytes.len() <= MAX_BYTES;
        self.bytes.push(b'\n');
        Ok(Some(Line { number: self.number, bytes: fits.then_some(&self.bytes) }))
    }

    /// Reads to the end of the line without storing it.
    fn skip(&mut self) -> io::Result<()> {
        loop {
            let read = self.source.fill_buf()?;
            let end = read.iter().position(|byte| *byte == b'\n');
            let (used, is_over) = end.map_or((read.len(), read.is_empty()), |end| (end + 1, true));
            self.source.consume(used);
            if is_over {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> Vec<(u64, Option<Vec<u8>>)> {
        let mut lines = Lines::new(Box::new(io::Cursor::new(text.to_owned())));
        let mut read = Vec::new();
        while let Some(line) = lines.next().expect("it is in memory") {
            read.push((line.number, line.bytes.map(<[u8]>::to_owned)));
        }
        read
    }

    #[test]
    fn all_line_endings_are_supported_and_the_last_one_is_optional() {
        let expected = [
            (1, Some(b"a\n".to_vec())),
            (2, Some(b"b\n".to_vec())),
            (3, Some(b"\n".to_vec())),
            (4, Some(b"c\n".to_vec())),
        ];
        assert_eq!(lines(b"\xef\xbb\xbfa\r\nb\n\nc"), expected);
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped() {
        let longest = "x".repeat(MAX_BYTES);
        for end in ["\n", "\r\n"] {
            for (text, fits) in [(longest.clone(), true), (format!("{longest}y"), false), (longest.repeat(3), false)] {
                let read = lines(format!("{text}{end}z{end}").as_bytes());
                let expected = fits.then(|| format!("{text}\n").into_bytes());
                assert_eq!(read, [(1, expected), (2, Some(b"z\n".to_vec()))], "{}", text.len());
            }
        }
    }
}
