//! Reports refused lines.

use std::{
    fs::{File, OpenOptions},
    io::{BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::Context as _;
use serde::Serialize;

use super::progress::Progress;

/// The maximum number of characters that are shown of a name, which is the maximum length of a valid one.
const MAX_CHARACTERS: usize = 64;

/// A refused line. It never contains the password hash.
#[derive(Serialize)]
pub(super) struct RejectedRow<'a> {
    /// The first line is 1.
    pub(super) line: u64,
    /// As written in the file, if present.
    pub(super) username: Option<&'a str>,
    pub(super) reason: &'a str,
}

/// Where refused lines are reported.
pub(super) enum RejectedRows {
    StandardError,
    File(BufWriter<File>),
}

impl RejectedRows {
    /// Reports to standard error, or to a new file that other users cannot read, because it reveals who has an account.
    ///
    /// # Errors
    /// The file exists already, or cannot be created.
    pub(super) fn open(file: Option<&Path>) -> anyhow::Result<Self> {
        let Some(file) = file else { return Ok(Self::StandardError) };
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
        Ok(Self::File(BufWriter::new(made.with_context(|| file.display().to_string())?)))
    }

    /// Reports a refused line.
    ///
    /// # Errors
    /// The report cannot be written.
    pub(super) fn add(&mut self, row: &RejectedRow<'_>, progress: &Progress) -> anyhow::Result<()> {
        let shown = row.username.map(truncated);
        let RejectedRow { line, reason, .. } = row;
        match self {
            Self::File(file) => {
                serde_json::to_writer(&mut *file, &RejectedRow { username: shown.as_deref(), ..*row })?;
                writeln!(file)?;
            }
            // Characters that a terminal would interpret are escaped.
            Self::StandardError => match shown {
                Some(name) => progress.print_line(&format!("line {line} ({}): {reason}", name.escape_debug()))?,
                None => progress.print_line(&format!("line {line}: {reason}"))?,
            },
        }
        Ok(())
    }

    /// Flushes the file, so that the reports so far survive if the import stops.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn flush(&mut self) -> anyhow::Result<()> {
        match self {
            Self::StandardError => Ok(()),
            Self::File(file) => Ok(file.flush()?),
        }
    }
}

fn truncated(name: &str) -> String {
    let mut letters = name.chars();
    let short: String = letters.by_ref().take(MAX_CHARACTERS).collect();
    if letters.next().is_some() { short + "…" } else { short }
}
