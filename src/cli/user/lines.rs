//! The lines of a file of any size, of which one is held at a time.

use std::io::{self, BufRead, Read};

/// A line or record that is longer holds no user: this is many times what a name, an address and a hash can have.
pub(super) const MAX_BYTES: usize = 64 * 1024;

/// With its two line ends.
const MAX_READ: usize = MAX_BYTES + 2;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads lines that end as on Unix or on Windows.
pub(super) struct Lines {
    source: Box<dyn BufRead>,
    number: u64,
    bytes: Vec<u8>,
}

/// A line of a file.
pub(super) struct Line<'a> {
    /// The first is 1.
    pub(super) number: u64,
    /// Ends with a line feed, which the last one of a file need not have had; `None` where it is too long.
    pub(super) bytes: Option<&'a [u8]>,
}

impl Lines {
    pub(super) fn new(source: Box<dyn BufRead>) -> Self {
        Self { source, number: 0, bytes: Vec::new() }
    }

    /// The next line.
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
        // Spreadsheets begin a text with it.
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
        let is_whole = self.bytes.len() <= MAX_BYTES;
        self.bytes.push(b'\n');
        Ok(Some(Line { number: self.number, bytes: is_whole.then_some(&self.bytes) }))
    }

    /// Reads on to the end of the line, and keeps nothing of it.
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
    fn lines_end_as_on_any_system_and_the_last_need_not() {
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
    fn a_line_that_is_too_long_is_passed_over() {
        let longest = "x".repeat(MAX_BYTES);
        for end in ["\n", "\r\n"] {
            for (text, is_whole) in
                [(longest.clone(), true), (format!("{longest}y"), false), (longest.repeat(3), false)]
            {
                let read = lines(format!("{text}{end}z{end}").as_bytes());
                let expected = is_whole.then(|| format!("{text}\n").into_bytes());
                assert_eq!(read, [(1, expected), (2, Some(b"z\n".to_vec()))], "{}", text.len());
            }
        }
    }
}
