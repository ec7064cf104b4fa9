//! Writing posts: what of a post is free, and what it is called in an address.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use unicode_segmentation::UnicodeSegmentation;

use crate::models::posts::PostDraft;

/// Characters of an excerpt that nobody wrote, at most.
const MAX_CHARACTERS: usize = 200;

/// Of a short post no more than one in so many characters is given away.
const EXCERPT_SHARE: usize = 2;

/// Characters of a slug, at most.
const MAX_SLUG: usize = 200;

const MAX_TITLE: usize = 200;
const MAX_EXCERPT: usize = 1000;

/// What is wrong with a manuscript.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {field} {error}")]
pub struct InvalidPost {
    field: &'static str,
    error: String,
}

/// What an editor sends.
#[derive(Clone, Debug)]
pub struct PostInput {
    /// Its headline.
    pub title: String,
    /// Its text, in Markdown.
    pub data: String,
    /// What of it is free, where the editor says so.
    pub excerpt: Option<String>,
    /// Its title as a part of an address, where the editor says so.
    pub slug: Option<String>,
    /// Whether readers can see it.
    pub published: bool,
}

impl From<PostInput> for PostDraft {
    fn from(written: PostInput) -> Self {
        let PostInput { title, data, excerpt, slug, published } = written;
        let excerpt = excerpt.unwrap_or_else(|| self::excerpt(&data));
        let slug = slug.unwrap_or_else(|| self::slug(&title));
        Self { title, data, excerpt, published, slug }
    }
}

impl PostInput {
    /// The post that it makes.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn checked(self) -> Result<PostDraft, InvalidPost> {
        let invalid = |field| move |error: String| InvalidPost { field, error };
        check_title(&self.title).map_err(invalid("title"))?;
        check_data(&self.data).map_err(invalid("data"))?;
        self.excerpt.as_deref().map_or(Ok(()), check_excerpt).map_err(invalid("excerpt"))?;
        self.slug.as_deref().map_or(Ok(()), check_slug).map_err(invalid("slug"))?;
        Ok(self.into())
    }
}

/// Whether it can be a title.
///
/// # Errors
/// What is wrong with it.
pub fn check_title(text: &str) -> Result<(), String> {
    check_text(text, MAX_TITLE)
}

/// Whether it can be a post's text, which may be as long as a request.
///
/// # Errors
/// What is wrong with it.
pub fn check_data(text: &str) -> Result<(), String> {
    check_text(text, usize::MAX)
}

/// Whether it can be an excerpt.
///
/// # Errors
/// What is wrong with it.
pub fn check_excerpt(text: &str) -> Result<(), String> {
    check_text(text, MAX_EXCERPT)
}

/// Whether it can be a slug.
///
/// # Errors
/// What is wrong with it.
pub fn check_slug(text: &str) -> Result<(), String> {
    let is_slug = text
        .split('-')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    if is_slug && text.len() <= MAX_SLUG {
        Ok(())
    } else {
        Err("must have lower-case letters, digits and single hyphens".to_owned())
    }
}

/// PostgreSQL keeps no NUL in a text.
fn check_text(text: &str, max: usize) -> Result<(), String> {
    match text.chars().count() {
        _ if text.contains('\0') => Err("must not hold NUL".to_owned()),
        _ if text.trim().is_empty() => Err("must not be empty".to_owned()),
        length if length > max => Err(format!("must have at most {max} characters")),
        _ => Ok(()),
    }
}

/// A title in lower-case letters, digits and hyphens.
#[must_use]
pub fn slug(title: &str) -> String {
    let mut slug = slug::slugify(title);
    // It is ASCII, and a title of other letters may become far longer.
    slug.truncate(MAX_SLUG);
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// The first sentences of a text in Markdown, without its marks.
fn excerpt(data: &str) -> String {
    let text = plain(data);
    let max = MAX_CHARACTERS.min(text.chars().count() / EXCERPT_SHARE);
    let mut excerpt = String::new();
    for sentence in text.unicode_sentences() {
        if excerpt.chars().count() + sentence.trim_end().chars().count() > max {
            break;
        }
        excerpt.push_str(sentence);
    }
    if excerpt.is_empty() { first_words(&text, max) } else { excerpt.trim_end().to_owned() }
}

/// As many whole words as fit.
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

/// What is read of it: no headings, code or pictures.
fn plain(data: &str) -> String {
    let (mut text, mut skipped) = (String::new(), 0_usize);
    for event in Parser::new(data) {
        match event {
            Event::Start(Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::Image { .. } | Tag::HtmlBlock) => skipped += 1,
            Event::End(TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::Image | TagEnd::HtmlBlock) => {
                skipped = skipped.saturating_sub(1);
            }
            Event::Text(piece) | Event::Code(piece) if skipped == 0 => text.push_str(&piece),
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::Item) => text.push(' '),
            _ => {}
        }
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_the_first_sentences_without_their_marks() {
        let data = "# Tolls\n\nA *road* wants [mending](https://x.example). Somebody\nhas to pay. \n\n```\ncode\n```\n\n\
                    The rest is long enough that the first two sentences are no more than half of what there is to read.";
        assert_eq!(excerpt(data), "A road wants mending. Somebody has to pay.");
    }

    #[test]
    fn a_short_post_is_not_given_away() {
        assert_eq!(excerpt("One short sentence only."), "One short…");
        assert_eq!(excerpt("Word"), "…");
        assert_eq!(excerpt("\n\n---\n"), "…");
    }

    #[test]
    fn an_excerpt_has_two_hundred_characters_at_most() {
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
