//! `tollgate user export`

use std::{
    fs::{self, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::{format::Format, row::Row};
use crate::{
    cli::{Context, output::stdout},
    models::user_pages,
};

/// Users in memory at a time.
const PAGE: i64 = 1000;

const HEADER: [&str; 8] =
    ["id", "username", "email", "role", "is_active", "created_at", "updated_at", "subscribed_until"];

#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    /// Where to, for its owner only; it must not be there yet. Or - for standard output
    file: PathBuf,
    /// What to write; without this, its name tells: .csv, .jsonl or .ndjson
    #[arg(long, value_enum)]
    format: Option<Format>,
}

pub(super) async fn run(context: &Context, Export { file, format }: Export) -> anyhow::Result<()> {
    let format = Format::of(&file, format)?;
    if file == Path::new("-") {
        return write(context, format, stdout()).await.map(drop);
    }
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file);
    let made = made.with_context(|| file.display().to_string())?;
    let written = write(context, format, made).await;
    if written.is_err() {
        // Half of the users are not all.
        let _ = fs::remove_file(&file);
    }
    let exported = written?;
    context.show(&json!({ "exported": exported }), || format!("{exported} exported into {}", file.display()))
}

/// Writes all users, each as of when its page was read; how many those were.
async fn write(context: &Context, format: Format, to: impl Write) -> anyhow::Result<usize> {
    let mut sheet = Sheet::start(format, to)?;
    let (mut exported, mut last) = (0, i64::MIN);
    loop {
        let page = context.db.read(move |connection| user_pages::after(connection, last, PAGE)).await?;
        let Some(user) = page.last() else { break };
        last = user.id;
        exported += page.len();
        page.into_iter().try_for_each(|user| sheet.add(&Row::from(user)))?;
    }
    sheet.end()?;
    Ok(exported)
}

/// A file that is being written.
enum Sheet<W: Write> {
    /// Cells are as they are, also where one begins with `=`, `+`, `-` or `@`, as a name can, and a spreadsheet would take it
    /// for a formula. OWASP would have a quotation mark put before it: <https://owasp.org/www-community/attacks/CSV_Injection>.
    /// To each program that reads the file that is another name. Who opens it in a spreadsheet has it take all columns for
    /// text.
    Csv(Box<csv::Writer<W>>),
    Jsonl(BufWriter<W>),
}

impl<W: Write> Sheet<W> {
    fn start(format: Format, to: W) -> anyhow::Result<Self> {
        Ok(match format {
            Format::Jsonl => Self::Jsonl(BufWriter::new(to)),
            Format::Csv => {
                // Not made of the first row: without a user there is none.
                let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(to);
                writer.write_record(HEADER).map_err(io_error)?;
                Self::Csv(Box::new(writer))
            }
        })
    }

    fn add(&mut self, row: &Row) -> anyhow::Result<()> {
        match self {
            Self::Csv(writer) => writer.serialize(row).map_err(io_error)?,
            Self::Jsonl(to) => {
                serde_json::to_writer(&mut *to, row).map_err(io::Error::from)?;
                writeln!(to)?;
            }
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        match self {
            Self::Csv(writer) => writer.flush(),
            Self::Jsonl(to) => to.flush(),
        }
    }
}

/// The system's own error: csv's conversion hides it in another.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
