//! `tollgate user export`

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use rustix::io::Errno;
use serde_json::json;
use tempfile::NamedTempFile;

use super::{find, records::Format, row::Row};
use crate::{
    cli::{Context, output::stdout, waiting::Waiting},
    config::temporary_file,
    http::AccountExport,
    users::{identity::Identity, listing},
};

/// The maximum number of users in memory.
const PAGE: i64 = 1000;

const HEADER: [&str; 10] = [
    "id",
    "username",
    "email",
    "email_verified",
    "pending_email",
    "role",
    "is_active",
    "created_at",
    "updated_at",
    "subscribed_until",
];

#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    /// The file to create, readable only by its owner; it must not exist yet. Use - for standard output
    file: PathBuf,
    /// The format [default: by the file extension .csv, .jsonl or .ndjson]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Export everything that is stored about this user instead, as one JSON document: the answer to a request for
    /// personal data
    #[arg(long, value_name = "USER", conflicts_with = "format")]
    user: Option<String>,
}

pub(super) async fn run(context: &Context, Export { file, format, user }: Export) -> anyhow::Result<()> {
    if let Some(who) = user {
        return export_one(context, &file, &who).await;
    }
    let format = Format::of(&file, format)?;
    if file == Path::new("-") {
        return write(context, format, stdout()).await.map(drop);
    }
    let waiting = Waiting::start(context.json);
    let write_to = async |temporary: &mut NamedTempFile| write(context, format, temporary).await;
    let exported = create(&file, write_to).await.with_context(|| file.display().to_string())?;
    drop(waiting);
    context.show(&json!({ "exported": exported }), || format!("users exported to {}: {exported}", file.display()))
}

/// Writes to a temporary file beside it, which gets the name when it is complete: an export that was interrupted must
/// not be mistaken for a complete one.
async fn create<T>(file: &Path, write: impl AsyncFnOnce(&mut NamedTempFile) -> anyhow::Result<T>) -> anyhow::Result<T> {
    if fs::symlink_metadata(file).is_ok() {
        return Err(io::Error::from(Errno::EXIST).into());
    }
    let mut temporary = temporary_file::beside(file)?;
    let exported = write(&mut temporary).await?;
    temporary_file::persist(temporary, file)?;
    Ok(exported)
}

/// The document that users can download, and admins in the console.
async fn export_one(context: &Context, file: &Path, who: &str) -> anyhow::Result<()> {
    let user = find(context, who).await?;
    let username = user.username.clone();
    let export = AccountExport::by_operator(&context.db, Identity::from(user), context.clock.now());
    if file == Path::new("-") {
        return write_one(export, stdout()).await;
    }
    let write_to = async |temporary: &mut NamedTempFile| write_one(export, temporary).await;
    create(file, write_to).await.with_context(|| file.display().to_string())?;
    context
        .show(&json!({ "username": username, "file": file }), || format!("{username}: exported to {}", file.display()))
}

async fn write_one(mut export: AccountExport, mut to: impl Write) -> anyhow::Result<()> {
    while let Some(piece) = export.next_for_operator().await? {
        to.write_all(&piece)?;
    }
    Ok(writeln!(to)?)
}

/// Writes all users, each as of the time when its page was read. Returns their number.
async fn write(context: &Context, format: Format, to: impl Write) -> anyhow::Result<usize> {
    let mut sheet = Sheet::start(format, to)?;
    let (mut exported, mut last) = (0, i64::MIN);
    loop {
        let page = context.db.read(move |connection| listing::after(connection, last, PAGE)).await?;
        let Some(user) = page.last() else { break };
        last = user.id;
        exported += page.len();
        page.into_iter().try_for_each(|user| sheet.add(&Row::from(user)))?;
    }
    sheet.end()?;
    Ok(exported)
}

/// The writer of an export file.
enum Sheet<W: Write> {
    /// Cells are written unchanged, even if they start with `=`, `+`, `-` or `@`, which a username can, and which makes
    /// a spreadsheet interpret them as formulas. OWASP recommends prefixing them with a quotation mark
    /// (<https://owasp.org/www-community/attacks/CSV_Injection>), but to every other program that is a different name.
    /// Users who open the file in a spreadsheet need to import all columns as text.
    Csv(Box<csv::Writer<W>>),
    Jsonl(BufWriter<W>),
}

impl<W: Write> Sheet<W> {
    fn start(format: Format, to: W) -> anyhow::Result<Self> {
        Ok(match format {
            Format::Jsonl => Self::Jsonl(BufWriter::new(to)),
            Format::Csv => {
                // The header is not derived from the first row, because there may not be any.
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

/// Returns the original I/O error, which csv's own conversion wraps in another one.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
