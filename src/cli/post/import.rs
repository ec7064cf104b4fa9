//! `tollgate post import`

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use anyhow::{Context as _, anyhow, bail};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    super::{Context, waiting::Waiting},
    batch::Batch,
    folder, ghost,
    left_out::LeftOut,
    wordpress,
};
use crate::{
    db::{DbError, Tx},
    paywall::posts::{self, PostDraft, access::Access, input::PostInput},
};

/// How many bytes tell the format.
const START: u64 = 1024;

/// A line of an import file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    title: String,
    data: String,
    excerpt: Option<String>,
    slug: Option<String>,
    #[serde(default = "is_published")]
    published: bool,
    #[serde(default)]
    access: Access,
    author: Option<String>,
    image: Option<String>,
    published_at: Option<String>,
}

/// What an import did, or would do.
#[derive(Serialize)]
struct Imported {
    added: usize,
    /// Posts that were imported before.
    #[serde(skip_serializing_if = "is_zero")]
    skipped: usize,
    #[serde(skip_serializing_if = "LeftOut::is_empty")]
    left_out: LeftOut,
    #[serde(skip_serializing_if = "is_false")]
    dry_run: bool,
}

/// Why a transaction is rolled back.
#[derive(Debug, thiserror::Error)]
enum NotImported {
    #[error("this was a dry run")]
    DryRun(Vec<String>),
    #[error(transparent)]
    Db(#[from] DbError),
}

pub(super) async fn run(context: &Context, file: &Path, dry_run: bool) -> anyhow::Result<()> {
    let Batch { posts, left_out } = batch(file, context.json)?;
    let waiting = Waiting::start(context.json);
    let (all, now) = (posts.len(), context.clock.now());
    // A dry run does the same, so that it finds what an import would.
    let insert = move |tx: &mut Tx<'_>| {
        let mut added = Vec::new();
        for (source, draft) in posts {
            let title = draft.title.clone();
            added.extend(posts::insert_once(tx, draft, &source, now)?.then_some(title));
        }
        if dry_run { Err(NotImported::DryRun(added)) } else { Ok(added) }
    };
    let added = match context.db.write(insert).await {
        Ok(added) | Err(NotImported::DryRun(added)) => added,
        Err(NotImported::Db(error)) => return Err(error.into()),
    };
    drop(waiting);
    let titles = if dry_run { added.as_slice() } else { &[] };
    let imported = Imported { added: added.len(), skipped: all - added.len(), left_out, dry_run };
    context.show(&imported, || imported.report(titles))
}

/// The posts of the file or folder. The content says what it is, not its name, because exports are often renamed.
fn batch(file: &Path, json: bool) -> anyhow::Result<Batch> {
    if file.is_dir() {
        return Ok(Batch { posts: folder::posts(file)?, left_out: LeftOut::default() });
    }
    let mut source: Box<dyn BufRead> = if file == Path::new("-") {
        Box::new(BufReader::new(io::stdin()))
    } else {
        Box::new(BufReader::new(File::open(file).with_context(|| file.display().to_string())?))
    };
    let start = start(&mut source)?;
    let named = || file.display().to_string();
    match start.trim_ascii_start().first() {
        Some(b'<') => wordpress::read(io::Cursor::new(start).chain(source), json).with_context(named),
        _ if ghost::is_export(&start) => ghost::read(io::Cursor::new(start).chain(source), json).with_context(named),
        _ => {
            let mut lines = start;
            source.read_to_end(&mut lines)?;
            Ok(Batch { posts: parse(&lines)?, left_out: LeftOut::default() })
        }
    }
}

impl Imported {
    /// With the titles of the posts that would be added.
    fn report(&self, titles: &[String]) -> String {
        let Self { added, skipped, left_out, dry_run } = self;
        let done = if *dry_run { "posts that would be added" } else { "posts added" };
        let mut report: String = titles.iter().map(|title| format!("{title}\n")).collect();
        report += &format!("{done}: {added}");
        if *skipped > 0 {
            report += &format!(", imported before: {skipped}");
        }
        if !left_out.is_empty() {
            report += &format!("\nleft out: {}", left_out.sentence());
        }
        report
    }
}

/// What the source starts with, without a byte order mark: enough to tell formats apart.
fn start(source: impl Read) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    source.take(START).read_to_end(&mut start)?;
    if start.starts_with("\u{feff}".as_bytes()) {
        start.drain(.."\u{feff}".len());
    }
    Ok(start)
}

/// The posts of the lines. The source of a post is the hash of its line.
fn parse(lines: &[u8]) -> anyhow::Result<Vec<(String, PostDraft)>> {
    let lines = lines.lines().enumerate();
    let non_empty = lines.filter(|(_, line)| line.as_ref().map_or(true, |line| !line.trim().is_empty()));
    let draft = |line: io::Result<String>| -> anyhow::Result<(String, PostDraft)> {
        let line = line?;
        let Line { title, data, excerpt, slug, published, access, author, image, published_at } = object(&line)?;
        let published_at = published_at.map(|time| time.parse()).transpose();
        let published_at = published_at.map_err(|rule: &str| anyhow!("the published_at {rule}"))?;
        let input = PostInput { title, data, excerpt, slug, published, access, author, image, published_at };
        Ok((HEXLOWER.encode(&Sha256::digest(line.trim())), input.checked()?))
    };
    non_empty.map(|(place, line)| draft(line).with_context(|| format!("line {}", place + 1))).collect()
}

/// Positions in the parser's error are left out: it counts from the start of the line, which is named already.
fn object(line: &str) -> anyhow::Result<Line> {
    let value: serde_json::Value = serde_json::from_str(line).map_err(|_| anyhow!("is not JSON"))?;
    if !value.is_object() {
        bail!("is not a JSON object");
    }
    Ok(serde_json::from_value(value)?)
}

fn is_published() -> bool {
    true
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

fn is_false(flag: &bool) -> bool {
    !flag
}
