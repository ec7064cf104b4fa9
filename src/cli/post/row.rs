//! Posts as arguments and in the output of commands.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use anyhow::{Context as _, anyhow};
use clap::Args;
use serde::Serialize;

use super::super::Context;
use crate::{
    base::clock::Timestamp,
    paywall::posts::{self, Post, PostSummary, access::Access},
};

#[derive(Clone, Copy, Debug, Args)]
pub(in crate::cli) struct PostId {
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    pub(super) id: i64,
}

/// A post as shown to operators.
#[derive(Serialize)]
pub(super) struct Row {
    pub(super) id: i64,
    title: String,
    slug: String,
    published: bool,
    access: Access,
    published_at: Option<Timestamp>,
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
    pub(super) fn columns(&self, now: Timestamp) -> Vec<String> {
        let state = match self.published_at {
            _ if !self.published => "draft".to_owned(),
            Some(at) if at > now => format!("scheduled for {at}"),
            _ => "published".to_owned(),
        };
        vec![self.id.to_string(), state, self.access.into_str().to_owned(), self.title.clone()]
    }
}

/// A complete post, with the keys of the API.
#[derive(Serialize)]
struct Complete<'p> {
    #[serde(flatten)]
    row: Row,
    excerpt: &'p str,
    author: Option<&'p str>,
    image: Option<&'p str>,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
    data: &'p str,
}

pub(super) async fn show(context: &Context, id: i64) -> anyhow::Result<()> {
    let post = find(context, id).await?;
    let Post { excerpt, author, image, created_at, updated_at, data, .. } = &post;
    let (author, image, created_at, updated_at) = (author.as_deref(), image.as_deref(), *created_at, *updated_at);
    let row = Row::from(post.clone());
    let line = row.columns(context.clock.now()).join("  ");
    let complete = Complete { row, excerpt, author, image, created_at, updated_at, data };
    context.show(&complete, || format!("{line}\n\n{data}"))
}

pub(super) async fn find(context: &Context, id: i64) -> anyhow::Result<Post> {
    let found = context.db.read(move |connection| posts::find(connection, id)).await?;
    found.ok_or_else(|| no_such_post(id))
}

pub(super) fn no_such_post(id: i64) -> anyhow::Error {
    anyhow!("post not found: {id}")
}

pub(super) fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    fs::read(file).with_context(|| file.display().to_string())
}
