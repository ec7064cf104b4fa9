//! How users are written in a file.

use std::path::Path;

use anyhow::bail;
use clap::ValueEnum;

const OPTIONS: &str = "--format csv or --format jsonl";

/// A form of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Comma-separated values, with a header
    Csv,
    /// A JSON object a line
    Jsonl,
}

impl Format {
    /// The one that is asked for, or else the one that the file's name ends in.
    ///
    /// # Errors
    /// The name does not tell.
    pub(super) fn of(file: &Path, asked: Option<Self>) -> anyhow::Result<Self> {
        let ending = file.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        match (asked, ending.as_deref()) {
            (Some(format), _) => Ok(format),
            (None, Some("csv")) => Ok(Self::Csv),
            (None, Some("jsonl" | "ndjson")) => Ok(Self::Jsonl),
            (None, _) if file == Path::new("-") => bail!("- has no name that tells its format: add {OPTIONS}"),
            _ => bail!("the name of {} does not tell its format: add {OPTIONS}", file.display()),
        }
    }
}
