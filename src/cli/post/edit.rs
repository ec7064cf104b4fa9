//! `tollgate post edit`

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use actix_web::rt::task::spawn_blocking;
use anyhow::{Context as _, bail};
use clap::Args;
use tempfile::Builder;

use super::{
    super::Context,
    row::{PostId, Row, find, no_such_post, read},
};
use crate::{
    base::clock::Timestamp,
    db::{DbError, Tx},
    paywall::posts::{
        self, Post,
        access::Access,
        input::{Change, PostChange, parse_access},
    },
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Edit {
    #[command(flatten)]
    post: PostId,
    /// The new text in Markdown: a file, or - for standard input
    #[arg(long)]
    file: Option<PathBuf>,
    #[arg(long)]
    title: Option<String>,
    /// The part that is free to read; empty: the first sentences
    #[arg(long)]
    excerpt: Option<String>,
    /// The title as part of a URL; empty: generated from the title
    #[arg(long)]
    slug: Option<String>,
    /// metered: costs a read; free: costs nothing and needs no session; subscribers: for subscribers only
    #[arg(long, value_parser = parse_access)]
    access: Option<Access>,
    /// The name of who wrote it; empty: none
    #[arg(long)]
    author: Option<String>,
    /// The address of a picture, or its path on this site; empty: none
    #[arg(long)]
    image: Option<String>,
    /// From when readers see it once it is published, such as 2026-11-21T10:00:00Z or 2026-11-21
    #[arg(long, value_parser = Timestamp::from_time_or_day)]
    published_at: Option<Timestamp>,
}

impl Edit {
    fn has_options(&self) -> bool {
        let Self { post: _, file, title, excerpt, slug, access, author, image, published_at } = self;
        let texts = [title, excerpt, slug, author, image];
        texts.into_iter().any(Option::is_some) || file.is_some() || access.is_some() || published_at.is_some()
    }

    fn change(self) -> anyhow::Result<PostChange> {
        let clearable = |text: Option<String>| text.map(|text| Some(text).filter(|text| !text.is_empty())).into();
        Ok(PostChange {
            title: self.title.into(),
            data: self.file.map(|file| text(read(&file)?)).transpose()?.into(),
            excerpt: clearable(self.excerpt),
            slug: clearable(self.slug),
            published: Change::Keep,
            access: self.access.into(),
            author: clearable(self.author),
            image: clearable(self.image),
            published_at: self.published_at.map(Some).into(),
        })
    }
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
enum NotEdited {
    #[error("the text was changed by someone else in the meantime")]
    Overtaken,
    #[error(transparent)]
    Db(#[from] DbError),
}

pub(super) async fn run(context: &Context, edit: Edit) -> anyhow::Result<()> {
    let id = edit.post.id;
    if edit.has_options() {
        let (change, now) = (edit.change()?.checked()?, context.clock.now());
        let edited = context.db.write(move |tx| posts::update(tx, id, |post| change.apply(post), now)).await?;
        return shown(context, id, edited);
    }
    let before = find(context, id).await?.data;
    let opened = before.clone();
    let (edited, file) = spawn_blocking(move || edited(&opened)).await??;
    if edited == before {
        remove(&file)?;
        bail!("the text is unchanged");
    }
    let kept = || format!("nothing is saved; your text is in {}", file.display());
    let change = PostChange { data: Change::Set(edited), ..PostChange::default() }.checked().with_context(kept)?;
    let now = context.clock.now();
    let post = context.db.write(move |tx| replace(tx, id, &before, change, now)).await.with_context(kept)?;
    remove(&file)?;
    shown(context, id, post)
}

/// Changes the post unless its text is no longer that which was opened.
fn replace(
    tx: &mut Tx<'_>,
    id: i64,
    before: &str,
    change: PostChange,
    now: Timestamp,
) -> Result<Option<Post>, NotEdited> {
    let mut is_overtaken = false;
    let apply = |post: Post| {
        is_overtaken = post.data != before;
        change.apply(post)
    };
    let post = posts::update(tx, id, apply, now)?;
    if is_overtaken { Err(NotEdited::Overtaken) } else { Ok(post) }
}

fn shown(context: &Context, id: i64, post: Option<Post>) -> anyhow::Result<()> {
    let row = Row::from(post.ok_or_else(|| no_such_post(id))?);
    context.show(&row, || format!("changed /blog/{id}"))
}

/// Opens the text in an editor. Returns the new text, and the file that it is in, which only this user can read.
fn edited(before: &str) -> anyhow::Result<(String, PathBuf)> {
    let mut file = Builder::new().prefix("tollgate-post-").suffix(".md").tempfile()?;
    file.write_all(before.as_bytes())?;
    let path = file.into_temp_path().keep()?;
    open(&path)?;
    Ok((text(read(&path)?)?, path))
}

fn remove(file: &Path) -> anyhow::Result<()> {
    fs::remove_file(file).with_context(|| file.display().to_string())
}

/// Runs the editor by a shell, because it may have arguments.
fn open(path: &Path) -> anyhow::Result<()> {
    let named = |name| env::var(name).ok().filter(|editor| !editor.trim().is_empty());
    let editor = named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    let status = Command::new("sh").arg("-c").arg(format!("{editor} \"$1\"")).arg("sh").arg(path).status();
    let status = status.with_context(|| format!("the editor {editor}"))?;
    if !status.success() {
        bail!("the editor {editor} failed ({status}); nothing is saved, and {} is kept", path.display());
    }
    Ok(())
}

fn text(bytes: Vec<u8>) -> anyhow::Result<String> {
    String::from_utf8(bytes).context("the text is not UTF-8")
}
