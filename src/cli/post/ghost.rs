//! Ghost's JSON export.

use std::{collections::HashMap, io::Read};

use anyhow::{Context as _, anyhow};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use super::{
    batch::{Batch, ForeignPost},
    html::Style,
    left_out::LeftOut,
};
use crate::{base::clock::Timestamp, paywall::posts::access::Access};

/// Stands for the site's address in exports.
const SITE: &str = "__GHOST_URL__";

/// The export, with `db` or, in the older shape, without.
#[derive(Deserialize)]
struct Export {
    #[serde(default)]
    db: Vec<Database>,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Database {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    posts: Vec<Post>,
    #[serde(default)]
    users: Vec<User>,
    #[serde(default)]
    posts_authors: Vec<Author>,
    #[serde(default)]
    tags: Vec<IgnoredAny>,
    #[serde(default)]
    comments: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct Post {
    id: Value,
    uuid: Option<String>,
    title: Option<String>,
    slug: Option<String>,
    html: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The older spelling of `type`, a number or a boolean.
    #[serde(default)]
    page: Value,
    status: Option<String>,
    visibility: Option<String>,
    published_at: Option<Value>,
    custom_excerpt: Option<String>,
    feature_image: Option<String>,
    /// The older spelling of `feature_image`.
    image: Option<String>,
    author_id: Option<Value>,
}

#[derive(Deserialize)]
struct User {
    id: Value,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Author {
    post_id: Value,
    author_id: Value,
    #[serde(default)]
    sort_order: i64,
}

/// Whether this is an export, and not a line of JSON with a post, of which `data` is a text.
pub(super) fn is_export(start: &[u8]) -> bool {
    let start: Vec<u8> = start.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).take(16).collect();
    [b"{\"db\":[".as_slice(), b"{\"meta\":{", b"{\"data\":{"].iter().any(|key| start.starts_with(key))
}

pub(super) fn read(export: impl Read, json: bool) -> anyhow::Result<Batch> {
    let export: Export = serde_json::from_reader(export).context("not a valid export of Ghost")?;
    let data = export.db.into_iter().map(|database| database.data).chain(export.data).next();
    let data = data.ok_or_else(|| anyhow!("the export of Ghost has no data"))?;
    let users: HashMap<_, _> = data.users.into_iter().filter_map(|user| Some((key(&user.id), user.name?))).collect();
    let authors = authors(data.posts_authors, &users);
    let mut left_out = LeftOut::default();
    left_out.add("tags", data.tags.len());
    left_out.add("comments", data.comments.len());
    let mut posts = Vec::with_capacity(data.posts.len());
    for post in data.posts {
        if post.is_page() {
            left_out.count("pages");
            continue;
        }
        let by_post = authors.get(&key(&post.id)).cloned();
        let author = by_post.or_else(|| users.get(&key(post.author_id.as_ref()?)).cloned());
        let name = format!("the post {:?}", post.title.as_deref().unwrap_or_default());
        posts.push(post.into_foreign(name.clone(), author, &mut left_out).with_context(|| name)?);
    }
    Batch::convert(posts, left_out, json)
}

/// The names of the authors of each post, by its id.
fn authors(mut rows: Vec<Author>, users: &HashMap<String, String>) -> HashMap<String, String> {
    rows.sort_by_key(|row| row.sort_order);
    let mut authors: HashMap<String, String> = HashMap::new();
    for row in rows {
        let Some(name) = users.get(&key(&row.author_id)) else { continue };
        let names = authors.entry(key(&row.post_id)).or_default();
        let separator = if names.is_empty() { "" } else { ", " };
        names.push_str(separator);
        names.push_str(name);
    }
    authors
}

impl Post {
    fn is_page(&self) -> bool {
        let is_old_page = self.page == Value::Bool(true) || self.page == 1;
        self.kind.as_deref() == Some("page") || is_old_page
    }

    fn into_foreign(self, name: String, author: Option<String>, left_out: &mut LeftOut) -> anyhow::Result<ForeignPost> {
        let published_at =
            self.published_at.filter(|time| !time.is_null()).map(|time| self::time(&time)).transpose()?;
        let status = self.status.as_deref().unwrap_or("published");
        // Sent by email only: it was never on the site.
        if status == "sent" {
            left_out.count("newsletters (now drafts)");
        }
        let access = match self.visibility.as_deref() {
            Some("public") | None => Access::Free,
            Some("members") => Access::Metered,
            Some(_) => Access::Subscribers,
        };
        Ok(ForeignPost {
            source: format!("ghost:{}", self.uuid.unwrap_or_else(|| key(&self.id))),
            name,
            title: self.title.unwrap_or_default(),
            html: here(&self.html.unwrap_or_default()),
            style: Style::Html,
            excerpt: self.custom_excerpt,
            slug: self.slug.unwrap_or_default(),
            published: matches!(status, "published" | "scheduled"),
            access,
            author,
            image: self.feature_image.or(self.image).map(|image| here(&image)),
            published_at,
        })
    }
}

/// Addresses on the site become paths.
fn here(text: &str) -> String {
    text.replace(&format!("{SITE}/"), "/").replace(SITE, "/")
}

/// Ids are texts, or in old exports numbers.
fn key(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// RFC 3339, or with a space and without an offset, or in old exports milliseconds.
fn time(value: &Value) -> anyhow::Result<Timestamp> {
    if let Some(millis) = value.as_i64() {
        let time = Some(Timestamp::from_millis(millis)).filter(|time| Timestamp::WRITABLE.contains(time));
        return time.ok_or_else(|| anyhow!("published_at must be between 1970 and 9998"));
    }
    let text = value.as_str().unwrap_or_default();
    let spaced = text.replacen(' ', "T", 1) + "Z";
    let parsed = text.parse().or_else(|rule: &str| spaced.parse().map_err(|_: &str| rule));
    parsed.map_err(|rule| anyhow!("published_at {rule}"))
}
