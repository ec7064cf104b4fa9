//! The posts of another publishing system, ready to be added.

use std::{
    borrow::Cow,
    io::{self, IsTerminal},
    time::Instant,
};

use anyhow::Context as _;
use data_encoding::HEXLOWER;
use indicatif::{ProgressBar, ProgressDrawTarget};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use super::{
    html::{self, Style},
    left_out::LeftOut,
};
use crate::{
    base::clock::Timestamp,
    cli::waiting::QUIET,
    paywall::posts::{
        self, PostDraft,
        access::Access,
        input::{MAX_AUTHOR, MAX_EXCERPT, MAX_TITLE, PostInput, check_image},
    },
};

/// The maximum number of bytes of a source that is stored as it is.
const MAX_SOURCE: usize = 1000;

/// Posts with what each was made of, and what could not be taken over.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) posts: Vec<(String, PostDraft)>,
    pub(super) left_out: LeftOut,
}

/// A post of another publishing system.
#[derive(Debug)]
pub(super) struct ForeignPost {
    /// Identifies the post, also in later exports.
    pub(super) source: String,
    /// What errors call the post.
    pub(super) name: String,
    pub(super) title: String,
    pub(super) html: String,
    pub(super) style: Style,
    pub(super) excerpt: Option<String>,
    pub(super) slug: String,
    pub(super) published: bool,
    pub(super) access: Access,
    pub(super) author: Option<String>,
    pub(super) image: Option<String>,
    pub(super) published_at: Option<Timestamp>,
}

impl Batch {
    /// Converts the posts. Their order is that in which they get their ids.
    ///
    /// # Errors
    /// A post that is invalid, with its name.
    pub(super) fn convert(posts: Vec<ForeignPost>, left_out: LeftOut, json: bool) -> anyhow::Result<Self> {
        let mut batch = Self { posts: Vec::with_capacity(posts.len()), left_out };
        let (started, bar) = (Instant::now(), ProgressBar::hidden());
        bar.set_length(u64::try_from(posts.len()).unwrap_or_default());
        for post in posts {
            if bar.is_hidden() && !json && started.elapsed() > QUIET && io::stderr().is_terminal() {
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            let name = post.name.clone();
            batch.add(post).with_context(|| name)?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(batch)
    }

    fn add(&mut self, post: ForeignPost) -> anyhow::Result<()> {
        let data = html::to_markdown(&post.html, post.style, &mut self.left_out)?;
        if data.is_empty() {
            self.left_out.count("posts without text");
            return Ok(());
        }
        let title = Some(plain(&post.title)).filter(|title| !title.is_empty());
        let excerpt = post.excerpt.map(|excerpt| plain(&excerpt)).filter(|excerpt| !excerpt.is_empty());
        let author = post.author.map(|author| plain(&author)).filter(|author| !author.is_empty());
        let slug = posts::slug(&percent_decode_str(&post.slug).decode_utf8_lossy());
        let input = PostInput {
            title: self.shortened(title.unwrap_or_else(|| "Untitled".to_owned()), MAX_TITLE),
            data,
            excerpt: excerpt.map(|excerpt| self.shortened(excerpt, MAX_EXCERPT)),
            slug: Some(slug).filter(|slug| !slug.is_empty()),
            published: post.published,
            access: post.access,
            author: author.map(|author| self.shortened(author, MAX_AUTHOR)),
            image: post.image.filter(|image| check_image(image).is_ok()),
            published_at: post.published_at,
        };
        self.posts.push((indexable(post.source), input.checked()?));
        Ok(())
    }

    /// The other systems allow longer titles and excerpts.
    fn shortened(&mut self, text: String, max: usize) -> String {
        if text.chars().count() <= max {
            return text;
        }
        self.left_out.count("titles, excerpts and authors shortened");
        let start: String = text.chars().take(max - 1).collect();
        format!("{}…", start.trim_end())
    }
}

/// PostgreSQL cannot store NUL, nor index long texts.
fn indexable(source: String) -> String {
    if source.len() <= MAX_SOURCE && !source.contains('\0') {
        return source;
    }
    HEXLOWER.encode(&Sha256::digest(source))
}

/// A title or an excerpt without markup, on one line.
fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, inside)) = rest.split_once('<') {
        text.push_str(before);
        let is_tag = inside.starts_with(|char: char| char.is_ascii_alphabetic() || char == '/' || char == '!');
        match inside.split_once('>').filter(|_| is_tag) {
            Some((_, after)) => rest = after,
            None => {
                text.push('<');
                rest = inside;
            }
        }
    }
    text.push_str(rest);
    let text = text.replace('\0', "");
    let text: Cow<'_, str> = quick_xml::escape::unescape_with(&text, entity).unwrap_or(Cow::Borrowed(&text));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The characters that titles are written with.
fn entity(name: &str) -> Option<&'static str> {
    Some(match name {
        "nbsp" => "\u{a0}",
        "hellip" => "…",
        "ndash" => "–",
        "mdash" => "—",
        "lsquo" => "‘",
        "rsquo" => "’",
        "ldquo" => "“",
        "rdquo" => "”",
        name => return quick_xml::escape::resolve_predefined_entity(name),
    })
}
