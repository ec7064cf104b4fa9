//! The formats of files with users, and reading such files.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use anyhow::{Context as _, bail};
use clap::ValueEnum;

use super::{csv_lines::CsvReader, fields::Record, json_lines, lines::Lines, progress::Progress};

const OPTIONS: &str = "--format csv or --format jsonl";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Comma-separated values with a header
    Csv,
    /// One JSON object per line
    Jsonl,
}

impl Format {
    /// Returns the requested format, or the one that the file extension indicates.
    ///
    /// # Errors
    /// The extension is unknown.
    pub(super) fn of(file: &Path, asked: Option<Self>) -> anyhow::Result<Self> {
        let ending = file.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        match (asked, ending.as_deref()) {
            (Some(format), _) => Ok(format),
            (None, Some("csv")) => Ok(Self::Csv),
            (None, Some("jsonl" | "ndjson")) => Ok(Self::Jsonl),
            (None, _) if file == Path::new("-") => bail!("the format of - is unknown: add {OPTIONS}"),
            _ => bail!("the format of {} is unknown: add {OPTIONS}", file.display()),
        }
    }
}

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
