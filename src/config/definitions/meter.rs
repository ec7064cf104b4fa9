//! The meter.

use std::time::Duration;

use crate::config::{
    duration::{DAY, Span},
    setting::{Choice, DefaultValue::Fixed, Definition, Range, Setting},
    values::ReadsCount,
};

pub(super) const ALL: &[&dyn Definition] =
    &[&READS_LIMIT, &READS_PERIOD, &READS_COUNT, &READS_ANONYMOUS, &READS_ANONYMOUS_MERGE];

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
    about: "Free reads per `READS_PERIOD` for each reader without a session. With `0`, every read requires a session. \
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
