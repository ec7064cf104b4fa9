//! `tollgate post`

mod batch;
mod edit;
mod folder;
mod front_matter;
mod ghost;
mod html;
mod import;
mod left_out;
mod lifecycle;
mod row;
mod wordpress;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use self::row::{PostId, Row, read, show};
use super::Context;
use crate::{
    base::clock::Timestamp,
    paywall::posts::{
        self, Audience,
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
    /// Show a post with its text
    Show(PostId),
    /// Change a post: its text, in the editor that VISUAL or EDITOR names, or what the options name
    Edit(edit::Edit),
    /// Show a post to readers now, also if it is scheduled; one that was published before keeps its date
    Publish(PostId),
    /// Make a post a draft
    Unpublish(PostId),
    /// Delete a post; reads of it remain counted
    Delete(PostId),
    /// Add many posts, either all or none; a post that was imported before is left as it is
    Import {
        /// JSON lines in the format of the API, the JSON export of Ghost or the XML export of WordPress (WXR), as a file of any name
        /// or - for standard input; or a folder of Markdown files with front matter in YAML or TOML (Hugo, Jekyll, Astro)
        file: PathBuf,
        /// Only show what would be added
        #[arg(long)]
        dry_run: bool,
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
        Command::Show(PostId { id }) => show(&context, id).await,
        Command::Edit(edit) => edit::run(&context, edit).await,
        Command::Publish(PostId { id }) => lifecycle::publish(&context, id).await,
        Command::Unpublish(PostId { id }) => lifecycle::unpublish(&context, id).await,
        Command::Delete(PostId { id }) => lifecycle::delete(&context, id).await,
        Command::Import { file, dry_run } => import::run(&context, &file, dry_run).await,
    }
}
