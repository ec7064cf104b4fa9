//! `tollgate post`

use std::{
    fs,
    io::{self, BufRead, Read},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Context;
use crate::{
    base::clock::Timestamp,
    db::{DbError, Tx},
    paywall::posts::{
        self, Audience, Post, PostDraft, PostSummary,
        access::Access,
        input::{PostInput, parse_access},
    },
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a post
    Add(Add),
    /// List all posts, including drafts
    List,
    /// Add many posts, either all or none, from JSON lines in the format of the API
    Import {
        /// A file, or - for standard input
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The text in Markdown: a file, or - for standard input
    file: PathBuf,
    #[arg(long)]
    title: String,
    /// The part that is free to read [default: the first sentences]
    #[arg(long)]
    excerpt: Option<String>,
    /// The title as part of a URL [default: generated from the title]
    #[arg(long)]
    slug: Option<String>,
    /// Do not show the post to readers yet
    #[arg(long)]
    draft: bool,
    /// metered: costs a read; free: costs nothing and needs no session; subscribers: for subscribers only
    #[arg(long, default_value = "metered", value_parser = parse_access)]
    access: Access,
    /// The name of who wrote it
    #[arg(long)]
    author: Option<String>,
    /// The address of a picture, or its path on this site
    #[arg(long)]
    image: Option<String>,
    /// From when readers see it, such as 2026-11-21T10:00:00Z or 2026-11-21; may be in the future [default: now]
    #[arg(long, value_parser = Timestamp::from_time_or_day)]
    published_at: Option<Timestamp>,
}

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

/// A post as shown to operators.
#[derive(Serialize)]
struct Row {
    id: i64,
    title: String,
    slug: String,
    published: bool,
    access: Access,
    published_at: Option<Timestamp>,
}

pub(super) async fn run(context: Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Add(add) => {
            let data = String::from_utf8(read(&add.file)?).context("the text is not UTF-8")?;
            let Add { title, excerpt, slug, draft, access, author, image, published_at, .. } = add;
            let published = !draft;
            let input = PostInput { title, data, excerpt, slug, published, access, author, image, published_at };
            let (draft, now) = (input.checked()?, context.clock.now());
            let post = context.db.write(move |tx| posts::insert(tx, draft, now)).await?;
            let row = Row::from(post);
            context.show(&row, || format!("added /blog/{}", row.id))
        }
        Command::List => {
            let rows: Vec<_> = context
                .db
                .read(|connection| posts::list(connection, Audience::Editors, None, i64::MAX))
                .await?
                .into_iter()
                .map(Row::from)
                .collect();
            let now = context.clock.now();
            context.list(&rows, |row| row.columns(now))
        }
        Command::Import { file } => import(context, &file).await,
    }
}

async fn import(context: Context, file: &Path) -> anyhow::Result<()> {
    let drafts = parse(&read(file)?)?;
    let now = context.clock.now();
    let insert = move |tx: &mut Tx<'_>| {
        let added = drafts.len();
        drafts.into_iter().try_for_each(|draft| posts::insert(tx, draft, now).map(drop))?;
        Ok::<_, DbError>(added)
    };
    let added = context.db.write(insert).await?;
    context.show(&json!({ "added": added }), || format!("posts added: {added}"))
}

fn parse(lines: &[u8]) -> anyhow::Result<Vec<PostDraft>> {
    let lines = lines.lines().enumerate();
    let non_empty = lines.filter(|(_, line)| line.as_ref().map_or(true, |line| !line.trim().is_empty()));
    let draft = |line: io::Result<String>| -> anyhow::Result<PostDraft> {
        let Line { title, data, excerpt, slug, published, access, author, image, published_at } = object(&line?)?;
        let published_at = published_at.map(|time| time.parse()).transpose();
        let published_at = published_at.map_err(|rule: &str| anyhow!("the published_at {rule}"))?;
        Ok(PostInput { title, data, excerpt, slug, published, access, author, image, published_at }.checked()?)
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

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    fs::read(file).with_context(|| file.display().to_string())
}

fn is_published() -> bool {
    true
}

impl From<Post> for Row {
    fn from(post: Post) -> Self {
        let published_at = post.published_at();
        let Post { id, title, published, slug, access, .. } = post;
        Self { id, title, published, slug, access, published_at }
    }
}

impl From<PostSummary> for Row {
    fn from(post: PostSummary) -> Self {
        let published_at = post.published_at();
        let PostSummary { id, title, published, slug, access, .. } = post;
        Self { id, title, published, slug, access, published_at }
    }
}

impl Row {
    fn columns(&self, now: Timestamp) -> Vec<String> {
        let state = match self.published_at {
            _ if !self.published => "draft".to_owned(),
            Some(at) if at > now => format!("scheduled for {at}"),
            _ => "published".to_owned(),
        };
        vec![self.id.to_string(), state, self.access.as_str().to_owned(), self.title.clone()]
    }
}
