//! `tollgate post import`

use std::{
    io::{self, BufRead},
    path::Path,
};

use anyhow::{Context as _, anyhow, bail};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{super::Context, folder, row::read};
use crate::{
    db::{DbError, Tx},
    paywall::posts::{self, PostDraft, access::Access, input::PostInput},
};

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
    #[serde(skip_serializing_if = "is_false")]
    dry_run: bool,
}

/// Why a transaction is rolled back.
#[derive(Debug, thiserror::Error)]
enum NotImported {
    #[error("this was a dry run")]
    DryRun(usize),
    #[error(transparent)]
    Db(#[from] DbError),
}

pub(super) async fn run(context: &Context, file: &Path, dry_run: bool) -> anyhow::Result<()> {
    let posts = if file.is_dir() { folder::posts(file)? } else { parse(&read(file)?)? };
    let (all, now) = (posts.len(), context.clock.now());
    // A dry run does the same, so that it finds what an import would.
    let insert = move |tx: &mut Tx<'_>| {
        let mut added = 0;
        for (source, draft) in posts {
            added += usize::from(posts::insert_once(tx, draft, &source, now)?);
        }
        if dry_run { Err(NotImported::DryRun(added)) } else { Ok(added) }
    };
    let added = match context.db.write(insert).await {
        Ok(added) | Err(NotImported::DryRun(added)) => added,
        Err(NotImported::Db(error)) => return Err(error.into()),
    };
    let imported = Imported { added, skipped: all - added, dry_run };
    context.show(&imported, || imported.sentence())
}

impl Imported {
    fn sentence(&self) -> String {
        let Self { added, skipped, dry_run } = self;
        let done = if *dry_run { "posts that would be added" } else { "posts added" };
        match skipped {
            0 => format!("{done}: {added}"),
            _ => format!("{done}: {added}, imported before: {skipped}"),
        }
    }
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
