//! Validation of posts, and the defaults for excerpts and slugs.

use pulldown_cmark::{Event, Parser, TagEnd};
use unicode_segmentation::UnicodeSegmentation;

use url::Url;

use super::{
    Post, PostDraft,
    access::Access,
    markdown::{OPTIONS, without_excess_markers},
};
use crate::base::clock::Timestamp;

/// The maximum number of characters of a generated excerpt.
const MAX_GENERATED_EXCERPT: usize = 200;

/// A generated excerpt of a short post has at most the post's length divided by this.
const EXCERPT_SHARE: usize = 2;

/// The maximum number of characters of a slug.
const MAX_SLUG: usize = 200;

pub const MAX_TITLE: usize = 200;
pub const MAX_EXCERPT: usize = 1000;
pub const MAX_AUTHOR: usize = 200;

/// The maximum number of bytes of an image's address.
const MAX_ADDRESS: usize = 2048;

/// The field of a post that is invalid, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {field} {error}")]
pub struct InvalidPost {
    field: &'static str,
    error: String,
}

/// A post as submitted by an editor.
#[derive(Clone, Debug)]
pub struct PostInput {
    pub title: String,
    /// The text, in Markdown.
    pub data: String,
    /// The part that is free to read; generated if `None`.
    pub excerpt: Option<String>,
    /// The title as part of a URL; generated if `None`.
    pub slug: Option<String>,
    /// Whether readers can see the post once its time has come.
    pub published: bool,
    pub access: Access,
    pub author: Option<String>,
    pub image: Option<String>,
    /// From when readers can see the post. A published post without it is published now.
    pub published_at: Option<Timestamp>,
}

impl From<PostInput> for PostDraft {
    fn from(input: PostInput) -> Self {
        let PostInput { title, data, excerpt, slug, published, access, author, image, published_at } = input;
        let excerpt = excerpt.unwrap_or_else(|| self::excerpt(&data));
        let slug = slug.unwrap_or_else(|| self::slug(&title));
        Self { title, data, excerpt, published, slug, access, author, image, published_at }
    }
}

impl PostInput {
    /// A post with only what it must have; it is published, and metered.
    #[must_use]
    pub fn new(title: String, data: String) -> Self {
        let (excerpt, slug, author, image, published_at) = (None, None, None, None, None);
        Self { title, data, excerpt, slug, published: true, access: Access::default(), author, image, published_at }
    }

    /// Validates the post.
    ///
    /// # Errors
    /// The first field that is invalid.
    pub fn checked(self) -> Result<PostDraft, InvalidPost> {
        let invalid = |field| move |error: String| InvalidPost { field, error };
        check_title(&self.title).map_err(invalid("title"))?;
        check_data(&self.data).map_err(invalid("data"))?;
        self.excerpt.as_deref().map_or(Ok(()), check_excerpt).map_err(invalid("excerpt"))?;
        self.slug.as_deref().map_or(Ok(()), check_slug).map_err(invalid("slug"))?;
        self.author.as_deref().map_or(Ok(()), check_author).map_err(invalid("author"))?;
        self.image.as_deref().map_or(Ok(()), check_image).map_err(invalid("image"))?;
        Ok(self.into())
    }
}

/// A value of a post in a change.
#[derive(Clone, Debug, Default)]
pub enum Change<T> {
    #[default]
    Keep,
    Set(T),
}

impl<T> Change<T> {
    /// The value after the change.
    pub fn over(self, current: T) -> T {
        match self {
            Self::Keep => current,
            Self::Set(value) => value,
        }
    }
}

impl<T> From<Option<T>> for Change<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Keep, Self::Set)
    }
}

/// What is changed of a post. An excerpt or a slug that is set to `None` is generated again.
#[derive(Clone, Debug, Default)]
pub struct PostChange {
    pub title: Change<String>,
    pub data: Change<String>,
    pub excerpt: Change<Option<String>>,
    pub slug: Change<Option<String>>,
    pub published: Change<bool>,
    pub access: Change<Access>,
    pub author: Change<Option<String>>,
    pub image: Change<Option<String>>,
    pub published_at: Change<Option<Timestamp>>,
}

impl PostChange {
    /// Validates the values.
    ///
    /// # Errors
    /// The first field that is invalid.
    pub fn checked(self) -> Result<Self, InvalidPost> {
        check_change(&self.title, "title", check_title)?;
        check_change(&self.data, "data", check_data)?;
        check_optional(&self.excerpt, "excerpt", check_excerpt)?;
        check_optional(&self.slug, "slug", check_slug)?;
        check_optional(&self.author, "author", check_author)?;
        check_optional(&self.image, "image", check_image)?;
        Ok(self)
    }

    #[must_use]
    pub fn apply(self, post: Post) -> PostDraft {
        let published_at = self.published_at.over(post.published_at());
        PostDraft::from(PostInput {
            title: self.title.over(post.title),
            data: self.data.over(post.data),
            excerpt: self.excerpt.over(Some(post.excerpt)),
            slug: self.slug.over(Some(post.slug)),
            published: self.published.over(post.published),
            access: self.access.over(post.access),
            author: self.author.over(post.author),
            image: self.image.over(post.image),
            published_at,
        })
    }
}

type Check = fn(&str) -> Result<(), String>;

fn check_change(change: &Change<String>, field: &'static str, check: Check) -> Result<(), InvalidPost> {
    match change {
        Change::Set(text) => check(text).map_err(|error| InvalidPost { field, error }),
        Change::Keep => Ok(()),
    }
}

fn check_optional(change: &Change<Option<String>>, field: &'static str, check: Check) -> Result<(), InvalidPost> {
    match change {
        Change::Set(Some(text)) => check(text).map_err(|error| InvalidPost { field, error }),
        _ => Ok(()),
    }
}

pub fn check_title(text: &str) -> Result<(), String> {
    check_text(text, MAX_TITLE)
}

pub fn parse_access(text: &str) -> Result<Access, &'static str> {
    text.parse().map_err(|_| "must be metered, free or subscribers")
}

/// The length of a text is only limited by the size of a request.
pub fn check_data(text: &str) -> Result<(), String> {
    check_text(text, usize::MAX)
}

pub fn check_excerpt(text: &str) -> Result<(), String> {
    check_text(text, MAX_EXCERPT)
}

pub fn check_slug(text: &str) -> Result<(), String> {
    let is_slug = text
        .split('-')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    if !is_slug {
        return Err("must consist of lowercase letters, digits and single hyphens".to_owned());
    }
    if text.len() > MAX_SLUG { Err(format!("must have at most {MAX_SLUG} characters")) } else { Ok(()) }
}

pub fn check_author(text: &str) -> Result<(), String> {
    check_text(text, MAX_AUTHOR)
}

/// The address of a web page or a path on this site, as browsers understand it.
pub fn check_image(text: &str) -> Result<(), String> {
    let here = Url::parse("https://this.invalid/");
    let is_path = |url: &Url| text.starts_with('/') && url.host_str() == Some("this.invalid");
    let is_address =
        |url: &Url| ["http", "https"].contains(&url.scheme()) && (is_path(url) || Url::parse(text).is_ok());
    let is_plain = !text.contains(|char: char| char.is_whitespace() || char.is_control());
    match here.and_then(|here| here.join(text)) {
        _ if text.len() > MAX_ADDRESS => Err(format!("must have at most {MAX_ADDRESS} bytes")),
        Ok(url) if is_plain && is_address(&url) => Ok(()),
        _ => {
            Err("must be an address such as https://example.com/ferry.jpg, or a path such as /media/ferry.jpg"
                .to_owned())
        }
    }
}

/// PostgreSQL cannot store NUL in a text.
fn check_text(text: &str, max: usize) -> Result<(), String> {
    match text.chars().count() {
        _ if text.contains('\0') => Err("must not contain NUL".to_owned()),
        _ if text.trim().is_empty() => Err("must not be empty".to_owned()),
        length if length > max => Err(format!("must have at most {max} characters")),
        _ => Ok(()),
    }
}

/// Converts a title to lowercase letters, digits and hyphens.
#[must_use]
pub fn slug(title: &str) -> String {
    let mut slug = slug::slugify(title);
    // The slug is ASCII, so it can be much longer than a title in another script.
    slug.truncate(MAX_SLUG);
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// Returns the first sentences of a Markdown text, without its markup.
fn excerpt(data: &str) -> String {
    let text = plain(data);
    let max = MAX_GENERATED_EXCERPT.min(text.chars().count() / EXCERPT_SHARE);
    let mut excerpt = String::new();
    for sentence in text.unicode_sentences() {
        if excerpt.chars().count() + sentence.trim_end().chars().count() > max {
            break;
        }
        excerpt.push_str(sentence);
    }
    if excerpt.is_empty() { first_words(&text, max) } else { excerpt.trim_end().to_owned() }
}

/// Returns as many complete words as fit.
fn first_words(text: &str, max: usize) -> String {
    let mut words = String::new();
    for piece in text.split_word_bounds() {
        if words.chars().count() + piece.chars().count() > max {
            break;
        }
        words.push_str(piece);
    }
    format!("{}…", words.trim_end())
}

/// Returns the prose of the text, without headings, code, tables, footnotes or images.
fn plain(data: &str) -> String {
    let (mut text, mut skipped) = (String::new(), 0_usize);
    for event in Parser::new_ext(&without_excess_markers(data), OPTIONS) {
        match event {
            Event::Start(tag) if is_skipped(&tag.to_end()) => skipped += 1,
            Event::End(tag) if is_skipped(&tag) => skipped = skipped.saturating_sub(1),
            Event::Text(piece) | Event::Code(piece) if skipped == 0 => text.push_str(&piece),
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::Item) => text.push(' '),
            _ => {}
        }
    }
    text.trim().to_owned()
}

fn is_skipped(tag: &TagEnd) -> bool {
    use TagEnd::{CodeBlock, FootnoteDefinition, Heading, HtmlBlock, Image, Table};
    matches!(tag, Heading(_) | CodeBlock | Image | HtmlBlock | Table | FootnoteDefinition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_the_first_sentences_without_markup() {
        let data = "# Tolls\n\nA *road* wants [mending](https://x.example). Somebody\nhas to pay. \n\n```\ncode\n```\n\n\
                    The rest is long enough that the first two sentences are no more than half of what there is to read.";
        assert_eq!(excerpt(data), "A road wants mending. Somebody has to pay.");
    }

    #[test]
    fn an_excerpt_has_no_tables_or_footnotes() {
        let data = "| a | b |\n| - | - |\n| c | d |\n\nA ~~road~~ way.[^e] And some more words that nobody pays for.\n\n[^e]: f";
        assert_eq!(excerpt(data), "A road way.");
    }

    #[test]
    fn an_excerpt_of_a_short_post_does_not_reveal_all_of_it() {
        assert_eq!(excerpt("One short sentence only."), "One short…");
        assert_eq!(excerpt("Word"), "…");
        assert_eq!(excerpt("\n\n---\n"), "…");
    }

    #[test]
    fn an_excerpt_has_at_most_two_hundred_characters() {
        assert!(excerpt(&"Ein Satz mit Umlauten: äöü. ".repeat(100)).chars().count() <= 200);
        assert!(excerpt(&"endless ".repeat(1000)).chars().count() <= 201);
        assert!(excerpt(&"ü".repeat(5000)).chars().count() <= 201);
    }

    #[test]
    fn a_slug_has_letters_digits_and_hyphens() {
        assert_eq!(slug("Zöllner & Söhne: 10 Tore!"), "zollner-sohne-10-tore");
        let long = slug(&"漢字 ".repeat(100));
        assert!(long.len() <= MAX_SLUG && !long.ends_with('-'), "{long}");
    }
}
