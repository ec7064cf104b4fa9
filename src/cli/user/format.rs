//! The formats of files with users.

use std::path::Path;

use anyhow::bail;
use clap::ValueEnum;

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
