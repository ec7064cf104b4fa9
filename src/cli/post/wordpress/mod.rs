//! WordPress' export, WXR: RSS with elements of its own.

mod elements;
mod items;

use std::{collections::HashMap, io::BufRead};

use anyhow::{anyhow, bail};

use self::items::{Export, Item};
use super::{
    batch::{Batch, ForeignPost},
    html::Style,
    left_out::LeftOut,
};
use crate::{base::clock::Timestamp, paywall::posts::access::Access};

pub(super) fn read(source: impl BufRead, json: bool) -> anyhow::Result<Batch> {
    let Export { site, authors, attachments, posts, mut left_out } = items::read(source)?;
    let mut converted = Vec::with_capacity(posts.len());
    for item in posts {
        let line = item.line;
        let post = into_post(item, &site, &authors, &attachments, &mut left_out);
        converted.extend(post.map_err(|error| anyhow!("line {line}: {error}"))?);
    }
    Batch::convert(converted, left_out, json)
}

/// `None` for a post that is not worth importing.
fn into_post(
    item: Item,
    site: &str,
    authors: &HashMap<String, String>,
    attachments: &HashMap<String, String>,
    left_out: &mut LeftOut,
) -> anyhow::Result<Option<ForeignPost>> {
    if matches!(item.status.as_str(), "trash" | "auto-draft" | "inherit") {
        left_out.count("posts in the trash");
        return Ok(None);
    }
    let is_public = matches!(item.status.as_str(), "publish" | "future");
    // Its readers need a password there, and would not here.
    let is_locked = is_public && !item.password.is_empty();
    if is_locked {
        left_out.count("posts with a password (now drafts)");
    }
    if item.status == "private" {
        left_out.count("private posts (now drafts)");
    }
    let published_at = item.published_at(is_public)?;
    let image = attachments.get(&item.thumbnail).cloned();
    Ok(Some(ForeignPost {
        source: format!("wordpress:{}", item.identity(site)?),
        name: format!("line {}: the post {:?}", item.line, item.title),
        html: item.content,
        style: Style::WordPress,
        excerpt: Some(item.excerpt),
        slug: item.slug,
        published: is_public && !is_locked,
        access: Access::Metered,
        author: authors.get(&item.creator).cloned().or(Some(item.creator)),
        image,
        published_at,
        title: item.title,
    }))
}

impl Item {
    /// The address that WordPress gives a post for good.
    fn identity(&self, site: &str) -> anyhow::Result<String> {
        match (self.guid.trim(), self.id.trim()) {
            ("", "") => bail!("the post {:?} has neither a guid nor a wp:post_id", self.title),
            ("", id) => Ok(format!("{site}/?p={id}")),
            (guid, _) => Ok(guid.to_owned()),
        }
    }

    /// Drafts have no date in UTC yet. If a post has none either, its local one is better than today.
    fn published_at(&self, is_public: bool) -> anyhow::Result<Option<Timestamp>> {
        let dates = [("wp:post_date_gmt", &self.date_gmt), ("wp:post_date", &self.date)];
        let mut set = dates.into_iter().filter(|(_, date)| !date.trim().is_empty() && !date.starts_with("0000-"));
        let Some((name, date)) = set.next().filter(|(name, _)| is_public || *name == "wp:post_date_gmt") else {
            return Ok(None);
        };
        let time = (date.trim().replacen(' ', "T", 1) + "Z").parse();
        let time = time.map_err(|_: &str| anyhow!("{name} must be a time such as 2026-11-21 10:00:00"))?;
        Ok(Some(time))
    }
}
