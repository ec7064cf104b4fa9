//! Standard output, whose reader may exit early: `tollgate user list | head`.

use std::io::{self, ErrorKind, Write};

use serde::Serialize;

/// Standard output. Unlike with `io::stdout()`, its broken pipe can be distinguished from that of a socket.
pub(super) struct Output(io::Stdout);

/// The reader of the output has exited.
#[derive(Debug, thiserror::Error)]
#[error("the reader of the output has exited")]
struct ReaderGone;

pub(super) fn stdout() -> Output {
    Output(io::stdout())
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(marked)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(marked)
    }
}

fn marked(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::BrokenPipe { io::Error::new(ErrorKind::BrokenPipe, ReaderGone) } else { error }
}

/// Returns whether a command failed only because the reader of its output has exited.
///
/// C programs are terminated by SIGPIPE in this case. Rust ignores that signal, and restoring it would require
/// `unsafe`.
#[must_use]
pub fn is_reader_gone(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.is_some_and(|error| error.is::<ReaderGone>())
}

/// Writes aligned columns.
pub(super) fn table(rows: impl Iterator<Item = Vec<String>>) -> anyhow::Result<()> {
    let table: Vec<_> = rows.collect();
    let mut widths = Vec::new();
    for row in &table {
        widths.resize(row.len(), 0);
        widths.iter_mut().zip(row).for_each(|(width, cell)| *width = cell.chars().count().max(*width));
    }
    for row in &table {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        writeln!(stdout(), "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

pub(super) fn show(json: bool, outcome: &impl Serialize, sentence: impl FnOnce() -> String) -> anyhow::Result<()> {
    let text = if json { serde_json::to_string_pretty(outcome)? } else { sentence() };
    Ok(writeln!(stdout(), "{text}")?)
}
