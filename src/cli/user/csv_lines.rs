//! Users as comma-separated values (RFC 4180).
//!
//! This uses `csv_core` rather than `csv`, which is built on it: `csv` buffers records of any length, and an unclosed
//! quotation mark makes the rest of the file a single record.

use std::io;

use anyhow::{anyhow, bail, ensure};
use csv_core::{ReadRecordResult, ReaderBuilder, Terminator};

use super::{
    dialect::Dialect,
    fields::Record,
    fields::{Column, Fields},
    lines::{Lines, MAX_BYTES},
};

/// More than the number of columns, so that the number of fields in a record can be reported.
const MAX_FIELDS: usize = 64;

pub(super) struct CsvReader {
    parser: csv_core::Reader,
    dialect: Dialect,
    /// `None` for those that are not needed.
    columns: Vec<Option<Column>>,
    text: Vec<u8>,
    ends: Vec<usize>,
    /// How much of `text` and `ends` is used.
    used: (usize, usize),
}

/// The position of a record, and what is wrong with it.
struct Read {
    first_line: u64,
    last_line: u64,
    error: Option<&'static str>,
}

impl CsvReader {
    /// Reads the header.
    ///
    /// # Errors
    /// The header is invalid, or the file cannot be read.
    pub(super) fn open(lines: &mut Lines) -> anyhow::Result<Self> {
        // `Lines` normalises all line endings to this one.
        let parser = ReaderBuilder::new().terminator(Terminator::Any(b'\n')).build();
        let (text, ends) = (vec![0; MAX_BYTES], vec![0; MAX_FIELDS]);
        let mut reader = Self { parser, dialect: Dialect::Own, columns: Vec::new(), text, ends, used: (0, 0) };
        match reader.read(lines)? {
            None => bail!("the file is empty: the first line must name the columns"),
            Some(Read { error: Some(error), .. }) => bail!("the header {error}"),
            Some(_) => (reader.dialect, reader.columns) = reader.header()?,
        }
        Ok(reader)
    }

    fn header(&self) -> anyhow::Result<(Dialect, Vec<Option<Column>>)> {
        let names = self.cells().map(str::from_utf8).collect::<Result<Vec<_>, _>>();
        let names = names.map_err(|_| anyhow!("the header is not UTF-8"))?;
        let dialect = Dialect::of(&names);
        let mut columns = Vec::new();
        for name in names {
            let column = dialect.column(name).map_err(anyhow::Error::msg)?;
            ensure!(column.is_none() || !columns.contains(&column), "column {name} is repeated");
            columns.push(column);
        }
        // With an address, a user needs neither.
        if !columns.contains(&Some(Column::Email)) {
            for (column, name) in [(Column::Username, "username"), (Column::PasswordHash, "password_hash")] {
                ensure!(columns.contains(&Some(column)), "column {name} is missing");
            }
        }
        Ok((dialect, columns))
    }

    /// Returns the next record.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn next(&mut self, lines: &mut Lines) -> io::Result<Option<Record>> {
        let Some(Read { first_line, last_line, error }) = self.read(lines)? else { return Ok(None) };
        let mut fields = Fields::default();
        let error = match error {
            Some(error) => Some(format!("the record {error}")),
            None => self.fill(&mut fields).err(),
        };
        Ok(Some(Record { first_line, last_line, fields, error }))
    }

    fn fill(&self, fields: &mut Fields) -> Result<(), String> {
        let (found, wanted) = (self.used.1, self.columns.len());
        if found != wanted {
            return Err(format!("the record has {found} fields, but the header has {wanted}"));
        }
        for (column, cell) in self.columns.iter().zip(self.cells()) {
            let text = str::from_utf8(cell).map_err(|_| "the record is not UTF-8")?;
            // An empty cell is the only way to omit a value in CSV.
            let Some(column) = column.filter(|_| !text.is_empty()) else { continue };
            if let Some(value) = self.dialect.value(column, text) {
                fields.set(column, value);
            }
        }
        Ok(())
    }

    /// The cells of the last record.
    fn cells(&self) -> impl Iterator<Item = &[u8]> {
        let ends = self.ends.iter().take(self.used.1).copied();
        let starts = std::iter::once(0).chain(ends.clone());
        starts.zip(ends).map(|(start, end)| self.text.get(start..end).unwrap_or_default())
    }

    fn read(&mut self, lines: &mut Lines) -> io::Result<Option<Read>> {
        self.used = (0, 0);
        let (mut place, mut error) = (None, None);
        while let Some(line) = lines.next()? {
            if place.is_none() && line.bytes == Some(b"\n") {
                continue;
            }
            let Some(bytes) = line.bytes else { return Err(endless(line.number)) };
            let (first_line, last_line) = (place.map_or(line.number, |(first, _)| first), line.number);
            place = Some((first_line, last_line));
            if self.feed(bytes, &mut error) {
                return Ok(Some(Read { first_line, last_line, error }));
            }
        }
        let error = Some("has a quotation mark that is not closed");
        Ok(place.map(|(first_line, last_line)| Read { first_line, last_line, error }))
    }

    /// Processes a line. Returns whether the record ends with it, outside quotation marks.
    ///
    /// A record that is too large is still read to its end without storing it: text inside its quotation marks must not
    /// be interpreted as records.
    fn feed(&mut self, mut line: &[u8], error: &mut Option<&'static str>) -> bool {
        // The parser would interpret empty input as the end of the file.
        while !line.is_empty() {
            let (text, ends) = self.used;
            let (text_room, ends_room) = (self.text.get_mut(text..), self.ends.get_mut(ends..));
            let (result, read, text_used, ends_used) =
                self.parser.read_record(line, text_room.unwrap_or_default(), ends_room.unwrap_or_default());
            self.used = (text + text_used, ends + ends_used);
            line = line.get(read..).unwrap_or_default();
            let too_large = match result {
                ReadRecordResult::Record => return true,
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return false,
                ReadRecordResult::OutputFull => "is too long",
                ReadRecordResult::OutputEndsFull => "has too many fields",
            };
            error.get_or_insert(too_large);
            self.used = (0, 0);
        }
        false
    }
}

/// It is unknown whether a quotation mark is open at the end of such a line, so the following lines cannot be
/// interpreted either.
fn endless(line: u64) -> io::Error {
    io::Error::other(format!("line {line} is too long, so the end of its record cannot be determined"))
}
