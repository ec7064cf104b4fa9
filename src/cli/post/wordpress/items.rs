//! The posts, authors and attachments of an export.

use std::{collections::HashMap, io::BufRead, mem};

use anyhow::bail;

use super::{
    super::left_out::LeftOut,
    elements::{Element, Elements},
};

/// What an export contains.
#[derive(Debug, Default)]
pub(super) struct Export {
    /// The address of the site.
    pub(super) site: String,
    /// The names that readers see, by the names that authors sign in with.
    pub(super) authors: HashMap<String, String>,
    /// The addresses of files, by their ids.
    pub(super) attachments: HashMap<String, String>,
    pub(super) posts: Vec<Item>,
    pub(super) left_out: LeftOut,
}

/// A post, a page, an attachment or something else, as it is written in the export.
#[derive(Debug, Default)]
pub(super) struct Item {
    /// Where it starts.
    pub(super) line: usize,
    pub(super) id: String,
    pub(super) guid: String,
    pub(super) title: String,
    pub(super) creator: String,
    pub(super) content: String,
    pub(super) excerpt: String,
    pub(super) slug: String,
    pub(super) date: String,
    pub(super) date_gmt: String,
    pub(super) status: String,
    pub(super) password: String,
    /// The id of the attachment that is its picture.
    pub(super) thumbnail: String,
    kind: String,
    attachment_url: String,
    comments: usize,
}

/// What was read of elements that are not complete yet.
#[derive(Default)]
struct Partial {
    /// The names of the open elements.
    path: Vec<String>,
    item: Item,
    login: String,
    display_name: String,
    meta_key: String,
    meta_value: String,
}

pub(super) fn read(source: impl BufRead) -> anyhow::Result<Export> {
    let mut elements = Elements::new(source);
    let (mut export, mut partial) = (Export::default(), Partial::default());
    let mut has_channel = false;
    while let Some(element) = elements.next()? {
        match element {
            Element::Start(name) => {
                has_channel |= name == "channel" && partial.path == ["rss"];
                if name == "item" {
                    partial.item = Item { line: elements.line(), ..Item::default() };
                }
                partial.path.push(name);
            }
            Element::End(name, text) => {
                partial.path.pop();
                let parent = partial.path.last().cloned().unwrap_or_default();
                match (parent.as_str(), name.as_str()) {
                    ("channel", name) => partial.channel(name, text, &mut export),
                    ("item", name) => partial.field(name, text),
                    ("wp:author", "wp:author_login") => partial.login = text,
                    ("wp:author", "wp:author_display_name") => partial.display_name = text,
                    ("wp:postmeta", "wp:meta_key") => partial.meta_key = text,
                    ("wp:postmeta", "wp:meta_value") => partial.meta_value = text,
                    _ => {}
                }
            }
        }
    }
    if !has_channel {
        bail!("not an export of WordPress: it has no channel");
    }
    Ok(export)
}

impl Partial {
    fn channel(&mut self, name: &str, text: String, export: &mut Export) {
        match name {
            "wp:base_blog_url" => export.site = text,
            "wp:category" | "wp:term" => export.left_out.count("categories"),
            "wp:tag" => export.left_out.count("tags"),
            "wp:author" => {
                let (login, name) = (mem::take(&mut self.login), mem::take(&mut self.display_name));
                if !name.trim().is_empty() {
                    export.authors.insert(login, name);
                }
            }
            "item" => mem::take(&mut self.item).add_to(export),
            _ => {}
        }
    }

    fn field(&mut self, name: &str, text: String) {
        let item = &mut self.item;
        let field = match name {
            "wp:post_id" => &mut item.id,
            "guid" => &mut item.guid,
            "title" => &mut item.title,
            "dc:creator" => &mut item.creator,
            "content:encoded" => &mut item.content,
            "excerpt:encoded" => &mut item.excerpt,
            "wp:post_name" => &mut item.slug,
            "wp:post_date" => &mut item.date,
            "wp:post_date_gmt" => &mut item.date_gmt,
            "wp:status" => &mut item.status,
            "wp:post_password" => &mut item.password,
            "wp:post_type" => &mut item.kind,
            "wp:attachment_url" => &mut item.attachment_url,
            "wp:comment" => {
                item.comments += 1;
                return;
            }
            "wp:postmeta" => {
                let (key, value) = (mem::take(&mut self.meta_key), mem::take(&mut self.meta_value));
                if key == "_thumbnail_id" {
                    item.thumbnail = value;
                }
                return;
            }
            _ => return,
        };
        *field = text;
    }
}

impl Item {
    fn add_to(self, export: &mut Export) {
        match self.kind.as_str() {
            "post" => {
                export.left_out.add("comments", self.comments);
                export.posts.push(self);
            }
            "attachment" => {
                export.attachments.insert(self.id, self.attachment_url);
            }
            "page" => export.left_out.count("pages"),
            // The parts of menus and styles, and what plugins store.
            _ => export.left_out.count("items of other types"),
        }
    }
}
