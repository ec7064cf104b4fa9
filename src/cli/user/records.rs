//! Reads users from a file of either format.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use anyhow::Context as _;

use super::{csv_lines::CsvReader, fields::Record, format::Format, json_lines, lines::Lines, progress::Progress};

/// A large buffer, which saves system calls.
const BUFFER: usize = 256 * 1024;

/// Reads a file of either format.
pub(super) struct Records {
    lines: Lines,
    /// `None` for JSON lines.
    csv: Option<CsvReader>,
}

impl Records {
    /// Opens a file, or standard input for `-`, and reads the header of a CSV file.
    ///
    /// # Errors
    /// The file cannot be read, or the header has an unknown column.
    pub(super) fn open(file: &Path, format: Format, progress: &Progress) -> anyhow::Result<Self> {
        let opened = || -> anyhow::Result<Self> {
            let mut lines = Lines::new(source(file, progress)?);
            let csv = if format == Format::Csv { Some(CsvReader::open(&mut lines)?) } else { None };
            Ok(Self { lines, csv })
        };
        opened().with_context(|| file.display().to_string())
    }

    /// Returns the next `max` records; fewer at the end of the file.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn next_batch(&mut self, max: usize) -> io::Result<Vec<Record>> {
        let mut records = Vec::with_capacity(max);
        while records.len() < max {
            let next = match &mut self.csv {
                Some(csv) => csv.next(&mut self.lines),
                None => json_lines::next(&mut self.lines),
            };
            match next? {
                Some(record) => records.push(record),
                None => break,
            }
        }
        Ok(records)
    }
}

fn source(file: &Path, progress: &Progress) -> io::Result<Box<dyn BufRead>> {
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin())
    } else {
        let file = File::open(file)?;
        // A pipe has no length.
        progress.expect(file.metadata()?.len());
        Box::new(file)
    };
    Ok(Box::new(BufReader::with_capacity(BUFFER, progress.watch(source))))
}
