//! Statistics by post and by page of another application.

use std::collections::{BTreeMap, HashMap};

use diesel::{dsl::count, prelude::*};
use serde::Serialize;

use super::Days;
use crate::{
    base::clock::Timestamp,
    daily_counts::contents::{self, ContentCounts},
    db::{
        DbConnection, DbError, dispatch,
        schema::{pages, posts, reads},
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

/// The order of the list: posts before pages, both newest first.
fn rank(content: ContentId) -> (bool, i64) {
    (content.page_id().is_some(), -content.number().abs())
}

/// The posts and pages with a read or refusal on these days, newest first: the first `limit`, or those after `before`.
pub fn page(
    connection: &mut DbConnection,
    days: Days,
    before: Option<ContentId>,
    limit: usize,
) -> Result<Vec<ContentStatistics>, DbError> {
    let counts = counts(connection, days)?;
    let start = before.map(rank);
    let page = counts.into_iter().filter(|(place, _)| start.is_none_or(|start| *place > start)).take(limit);
    let page: Vec<_> = page.map(|(_, found)| found).collect();
    // PostgreSQL allows 65,535 parameters.
    let mut listed = Vec::with_capacity(page.len());
    for part in page.chunks(1000) {
        listed.extend(describe(connection, days, part)?);
    }
    Ok(listed)
}

type Found = (ContentId, ContentCounts);

fn counts(connection: &mut DbConnection, Days { first, last }: Days) -> Result<BTreeMap<(bool, i64), Found>, DbError> {
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

fn describe(connection: &mut DbConnection, days: Days, found: &[Found]) -> Result<Vec<ContentStatistics>, DbError> {
    let (mut titles, mut paths) = (titles(connection, found)?, paths(connection, found)?);
    let readers = readers(connection, days, found)?;
    let described = found.iter().map(|(content, counts)| ContentStatistics {
        content: *content,
        post_id: content.post_id(),
        path: content.page_id().and_then(|id| paths.remove(&id)),
        title: content.post_id().and_then(|id| titles.remove(&id)),
        reads: counts.reads,
        readers: readers.get(content).copied().unwrap_or_default(),
        refusals: counts.refusals,
        sign_ups: counts.sign_ups,
        subscriptions: counts.subscriptions,
    });
    // A page may have been deleted since its counts were read.
    Ok(described.filter(|row| row.post_id.is_some() || row.path.is_some()).collect())
}

fn titles(connection: &mut DbConnection, found: &[Found]) -> Result<HashMap<i64, String>, DbError> {
    let ids: Vec<_> = found.iter().filter_map(|(content, _)| content.post_id()).collect();
    let titles = posts::table.filter(posts::id.eq_any(ids)).select((posts::id, posts::title));
    let titles: Vec<_> = dispatch!(connection, |c| titles.load(c))?;
    Ok(titles.into_iter().collect())
}

fn paths(connection: &mut DbConnection, found: &[Found]) -> Result<HashMap<i64, String>, DbError> {
    let ids: Vec<_> = found.iter().filter_map(|(content, _)| content.page_id()).collect();
    let paths = pages::table.filter(pages::id.eq_any(ids)).select((pages::id, pages::path));
    let paths: Vec<_> = dispatch!(connection, |c| paths.load(c))?;
    Ok(paths.into_iter().collect())
}

/// Scans all reads, because no index leads to those of a post: every read would have to update it.
fn readers(
    connection: &mut DbConnection,
    Days { first, last }: Days,
    found: &[Found],
) -> Result<HashMap<ContentId, i64>, DbError> {
    let contents: Vec<_> = found.iter().map(|(content, _)| *content).collect();
    let (since, until) = (Timestamp::from_day(first), Timestamp::from_day(last + 1));
    let readers = reads::table
        .filter(reads::read_at.ge(since).and(reads::read_at.lt(until)).and(reads::post_id.eq_any(contents)))
        .group_by(reads::post_id)
        .select((reads::post_id, count(reads::user_id).aggregate_distinct()));
    let readers: Vec<(ContentId, i64)> = dispatch!(connection, |c| readers.load(c))?;
    Ok(readers.into_iter().collect())
}
