//! Telling of lines that are not taken.

use std::{
    fs::{File, OpenOptions},
    io::{BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::Context as _;
use serde::Serialize;

use super::progress::Progress;

/// The most characters of a name that are shown: as many as one can have.
const MAX_CHARACTERS: usize = 64;

/// A line that is not taken. The password's hash is in none of it.
#[derive(Serialize)]
pub(super) struct Refusal<'a> {
    /// The first is 1.
    pub(super) line: u64,
    /// As it is written there, where it is.
    pub(super) username: Option<&'a str>,
    /// For people.
    pub(super) reason: &'a str,
}

/// Where they are told.
pub(super) enum Refusals {
    Told,
    Written(BufWriter<File>),
}

impl Refusals {
    /// On standard error, or in a new file that others cannot read: it tells who is here.
    ///
    /// # Errors
    /// The file is there already, or cannot be made.
    pub(super) fn open(file: Option<&Path>) -> anyhow::Result<Self> {
        let Some(file) = file else { return Ok(Self::Told) };
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
        Ok(Self::Written(BufWriter::new(made.with_context(|| file.display().to_string())?)))
    }

    /// Tells of one.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn add(&mut self, refusal: &Refusal<'_>, progress: &Progress) -> anyhow::Result<()> {
        let shown = refusal.username.map(shortened);
        let Refusal { line, reason, .. } = refusal;
        match self {
            Self::Written(file) => {
                serde_json::to_writer(&mut *file, &Refusal { username: shown.as_deref(), ..*refusal })?;
                writeln!(file)?;
            }
            // What a terminal would act on is escaped.
            Self::Told => match shown {
                Some(name) => progress.tell(&format!("line {line} ({}): {reason}", name.escape_debug()))?,
                None => progress.tell(&format!("line {line}: {reason}"))?,
            },
        }
        Ok(())
    }

    /// Puts into the file what is told so far, so that it is there when the rest does not come.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn flush(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Told => Ok(()),
            Self::Written(file) => Ok(file.flush()?),
        }
    }
}

fn shortened(name: &str) -> String {
    let mut letters = name.chars();
    let short: String = letters.by_ref().take(MAX_CHARACTERS).collect();
    if letters.next().is_some() { short + "…" } else { short }
}
