//! Meter settings.

use std::time::Duration;

use super::{
    duration::{DAY, Span},
    environment::Settings,
    setting::{Checked, Choice, DefaultValue::Fixed, Definition, Optional, Range, Setting},
    values::{CrawlerRanges, crawler_ranges},
};

/// What counts as a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadsCount {
    /// Every response that contains the complete post.
    Requests,
    /// Each post once per period.
    Posts,
}

/// Who may read titles and excerpts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Excerpts {
    Members,
    Public,
}

#[derive(Clone, Copy, Debug)]
pub struct MeterConfig {
    /// Free reads per user and period.
    pub limit: i64,
    /// Starts with a user's first read.
    pub period: Duration,
    pub count: ReadsCount,
    /// Free reads per anonymous reader and period; 0 if such readers may read nothing.
    pub anonymous_limit: i64,
    /// Whether they are added to a user's reads at the first login.
    pub merges_anonymous: bool,
    /// Whether everyone may read titles and excerpts, and not only users.
    pub has_public_excerpts: bool,
}

/// What the readers of one network who send no cookie may read in a period, as a multiple of what one of them may:
/// enough for an office, and little for somebody who deletes cookies.
const NETWORK_FACTOR: i64 = 10;

impl MeterConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        let (anonymous_limit, excerpts) = (READS_ANONYMOUS.read(settings), EXCERPTS.read(settings));
        Self {
            limit: READS_LIMIT.read(settings),
            period: READS_PERIOD.read(settings),
            count: READS_COUNT.read(settings),
            anonymous_limit,
            merges_anonymous: READS_ANONYMOUS_MERGE.read(settings),
            // Who may read posts without an account may also choose among them.
            has_public_excerpts: excerpts == Excerpts::Public || anonymous_limit > 0,
        }
    }

    /// Reads per period of all readers of one network who send no cookie.
    #[must_use]
    pub fn network_limit(&self) -> i64 {
        NETWORK_FACTOR * self.anonymous_limit
    }
}

pub(super) const ALL: &[&dyn Definition] =
    &[&READS_LIMIT, &READS_PERIOD, &READS_COUNT, &READS_ANONYMOUS, &READS_ANONYMOUS_MERGE, &EXCERPTS, &CRAWLER_RANGES];

pub(crate) const READS_LIMIT: Setting<i64> = Setting {
    name: "READS_LIMIT",
    about: "Free reads per user and period. With `0`, only subscribers can read.",
    values: &Range { min: 0, max: 4_294_967_295 },
    default: Fixed(|| 5),
};

pub(crate) const READS_PERIOD: Setting<Duration> = Setting {
    name: "READS_PERIOD",
    about: "How long a period lasts. It starts with a user's first read.",
    values: &Span::Positive,
    default: Fixed(|| 30 * DAY),
};

pub(crate) const READS_COUNT: Setting<ReadsCount> = Setting {
    name: "READS_COUNT",
    about: "What counts as a read by the API. With `requests`, each time a post is sent counts; with `posts`, each post \
            counts once per period. On pages, each post or page counts once per period in any case.",
    values: &Choice(&[("requests", ReadsCount::Requests), ("posts", ReadsCount::Posts)]),
    default: Fixed(|| ReadsCount::Requests),
};

pub(crate) const READS_ANONYMOUS: Setting<i64> = Setting {
    name: "READS_ANONYMOUS",
    about: "Free reads per `READS_PERIOD` for each anonymous reader. With `0`, every read requires a session. \
            Readers are recognized by a cookie; requests without one share a budget of ten times as many reads per network. \
            Set `TRUSTED_PROXIES` if the server is behind a proxy.",
    values: &Range { min: 0, max: 4_294_967_295 },
    default: Fixed(|| 0),
};

pub(crate) const READS_ANONYMOUS_MERGE: Setting<bool> = Setting {
    name: "READS_ANONYMOUS_MERGE",
    about: "Whether reads without a session are added to the account's meter when the reader first signs in.",
    values: &Choice::TRUE_OR_FALSE,
    default: Fixed(|| false),
};

pub(crate) const EXCERPTS: Setting<Excerpts> = Setting {
    name: "EXCERPTS",
    about: "Who may read the list of posts, titles and excerpts: `members` or everyone (`public`). With `public`, the start page \
            is the list, there are `/feed.xml` and `/sitemap.xml`, and a page that a visitor may not read shows the excerpt and \
            how to read on. It is `public` in any case if `READS_ANONYMOUS` is not `0`.",
    values: &Choice(&[("members", Excerpts::Members), ("public", Excerpts::Public)]),
    default: Fixed(|| Excerpts::Members),
};

pub(super) const CRAWLER_RANGES: Optional<Vec<CrawlerRanges>> = Optional {
    name: "CRAWLER_RANGES",
    about: "Files with the addresses of search engines' crawlers, as Google and Bing publish them. From these addresses, metered \
            posts on pages with public excerpts, and metered pages behind forward auth, are read in full and not counted. The \
            files are read again every minute. Set `TRUSTED_PROXIES` if the server is behind a proxy.",
    values: &Checked {
        description: "a comma-separated list of files such as /etc/tollgate/googlebot.json",
        parse: crawler_ranges,
    },
    unset: "none",
};
