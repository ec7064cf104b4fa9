//! `tollgate post import`

use std::{
    io::{self, BufRead},
    path::Path,
};

use anyhow::{Context as _, anyhow, bail};
use serde::Deserialize;
use serde_json::json;

use super::{super::Context, row::read};
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

pub(super) async fn run(context: Context, file: &Path) -> anyhow::Result<()> {
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

fn is_published() -> bool {
    true
}
