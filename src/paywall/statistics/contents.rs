//! Statistics by post and by page of another application.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use diesel::prelude::*;
use serde::Serialize;

use super::{
    Days,
    readers::{self, Readers},
};
use crate::{
    daily_counts::contents::{self, ContentCounts},
    db::{
        Db, DbConnection, DbError, dispatch,
        schema::{pages, posts},
    },
    paywall::content::ContentId,
};

/// The statistics of a post or page over some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ContentStatistics {
    #[serde(skip)]
    pub content: ContentId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// `None` for a page, and for a post that was deleted.
    pub title: Option<String>,
    pub reads: i64,
    /// Distinct readers among the reads that have not been deleted.
    pub readers: i64,
    pub refusals: i64,
    /// Registrations and subscriptions within seven days of a reader's last refusal.
    pub sign_ups: i64,
    pub subscriptions: i64,
}

/// What was counted of a post or page.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    content: ContentId,
    readers: i64,
    counts: ContentCounts,
}

/// A number to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    Reads,
    Readers,
    Refusals,
    SignUps,
    Subscriptions,
}

impl Counted {
    fn none(content: ContentId) -> Self {
        Self { content, readers: 0, counts: ContentCounts::default() }
    }

    #[must_use]
    pub fn number(&self, number: Number) -> i64 {
        match number {
            Number::Reads => self.counts.reads,
            Number::Readers => self.readers,
            Number::Refusals => self.counts.refusals,
            Number::SignUps => self.counts.sign_ups,
            Number::Subscriptions => self.counts.subscriptions,
        }
    }
}

/// The posts and pages with a read or refusal on some days, newest first.
#[derive(Clone, Debug)]
pub struct Contents(Vec<Counted>);

/// The order of the list: posts before pages, both newest first.
fn rank(content: ContentId) -> (bool, i64) {
    (content.page_id().is_some(), -content.number().abs())
}

impl Contents {
    /// # Errors
    /// The database is unavailable, or takes too long.
    pub async fn find(db: &Db, days: Days) -> Result<Self, DbError> {
        // Before the reads, so that no post has more readers than reads.
        let readers = readers::count_all(db, days).await?;
        db.read(move |connection| Self::with_readers(connection, days, &readers)).await
    }

    fn with_readers(connection: &mut DbConnection, days: Days, readers: &Readers) -> Result<Self, DbError> {
        let with_readers = |(content, counts)| {
            let readers = readers.get(&content).copied().unwrap_or_default();
            Counted { content, readers, counts }
        };
        Ok(Self(counts(connection, days)?.into_values().map(with_readers).collect()))
    }

    #[must_use]
    pub fn reads(&self) -> i64 {
        self.0.iter().map(|counted| counted.counts.reads).sum()
    }

    #[must_use]
    pub fn of_post(&self, id: i64) -> Counted {
        let post = ContentId::post(id);
        let found = self.0.binary_search_by_key(&rank(post), |counted| rank(counted.content));
        found.ok().and_then(|place| self.0.get(place)).copied().unwrap_or_else(|| Counted::none(post))
    }

    /// The posts with the highest numbers, and the newest of equal ones first: the first `limit`, or those after `before`.
    #[must_use]
    pub fn top_posts(&self, number: Number, before: Option<i64>, limit: i64) -> Vec<i64> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let key = |counted: &Counted| Reverse((counted.number(number), counted.content.number()));
        let start = before.map(|id| key(&self.of_post(id)));
        let posts = self.0.iter().filter(|counted| counted.content.post_id().is_some());
        let mut rest: Vec<_> = posts.filter(|counted| start.is_none_or(|start| key(counted) > start)).collect();
        // Only the page is sorted: there may be very many posts.
        if rest.len() > limit {
            rest.select_nth_unstable_by_key(limit, |counted| key(counted));
            rest.truncate(limit);
        }
        rest.sort_unstable_by_key(|counted| key(counted));
        rest.into_iter().filter_map(|counted| counted.content.post_id()).collect()
    }

    /// The first `limit`, or those after `before`, with their names.
    pub fn page(
        &self,
        connection: &mut DbConnection,
        before: Option<ContentId>,
        limit: usize,
    ) -> Result<Vec<ContentStatistics>, DbError> {
        let start = before.map(rank);
        let page = self.0.iter().filter(|counted| start.is_none_or(|start| rank(counted.content) > start));
        let page: Vec<_> = page.take(limit).copied().collect();
        // PostgreSQL allows 65,535 parameters.
        let mut listed = Vec::with_capacity(page.len());
        for part in page.chunks(1000) {
            listed.extend(describe(connection, part)?);
        }
        Ok(listed)
    }
}

type ByRank = BTreeMap<(bool, i64), (ContentId, ContentCounts)>;

fn counts(connection: &mut DbConnection, Days { first, last }: Days) -> Result<ByRank, DbError> {
    let mut counts = BTreeMap::new();
    let mut add = |content, more| {
        counts.entry(rank(content)).or_insert((content, ContentCounts::default())).1 += more;
    };
    for (number, batch, found) in contents::between(connection, first, last)? {
        if batch.is_empty() {
            add(ContentId::from_number(number), found);
        }
        for number in batch.split(',').flat_map(str::parse) {
            add(ContentId::from_number(number), ContentCounts { reads: 1, ..ContentCounts::default() });
        }
    }
    Ok(counts)
}

fn describe(connection: &mut DbConnection, found: &[Counted]) -> Result<Vec<ContentStatistics>, DbError> {
    let (mut titles, mut paths) = (titles(connection, found)?, paths(connection, found)?);
    let described = found.iter().map(|Counted { content, readers, counts }| ContentStatistics {
        content: *content,
        post_id: content.post_id(),
        path: content.page_id().and_then(|id| paths.remove(&id)),
        title: content.post_id().and_then(|id| titles.remove(&id)),
        reads: counts.reads,
        readers: *readers,
        refusals: counts.refusals,
        sign_ups: counts.sign_ups,
        subscriptions: counts.subscriptions,
    });
    // A page may have been deleted since its counts were read.
    Ok(described.filter(|row| row.post_id.is_some() || row.path.is_some()).collect())
}

fn titles(connection: &mut DbConnection, found: &[Counted]) -> Result<HashMap<i64, String>, DbError> {
    let ids: Vec<_> = found.iter().filter_map(|counted| counted.content.post_id()).collect();
    let titles = posts::table.filter(posts::id.eq_any(ids)).select((posts::id, posts::title));
    let titles: Vec<_> = dispatch!(connection, |c| titles.load(c))?;
    Ok(titles.into_iter().collect())
}

fn paths(connection: &mut DbConnection, found: &[Counted]) -> Result<HashMap<i64, String>, DbError> {
    let ids: Vec<_> = found.iter().filter_map(|counted| counted.content.page_id()).collect();
    let paths = pages::table.filter(pages::id.eq_any(ids)).select((pages::id, pages::path));
    let paths: Vec<_> = dispatch!(connection, |c| paths.load(c))?;
    Ok(paths.into_iter().collect())
}
