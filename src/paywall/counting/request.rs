//! What is to be counted, and up to which limit.

use std::time::Duration;

use crate::{
    base::clock::Timestamp,
    paywall::{content::ContentId, meter_id::MeterId},
};

/// A request to read a post or a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeteredRead {
    /// The meter that is charged.
    pub meter: MeterId,
    /// The reader's own meter. It differs from `meter` only for an anonymous reader whose cookie names none: the read is
    /// charged to the network, and the reader's own meter starts with it.
    pub reader: MeterId,
    pub content: ContentId,
    pub at: Timestamp,
}

impl MeteredRead {
    #[must_use]
    pub fn by_user(user_id: i64, content: ContentId, at: Timestamp) -> Self {
        let meter = MeterId::of_user(user_id);
        Self { meter, reader: meter, content, at }
    }

    #[must_use]
    pub fn is_by_new_reader(&self) -> bool {
        self.meter != self.reader
    }
}

/// The maximum number of reads per period.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub user: i64,
    /// Of an anonymous reader.
    pub anonymous: i64,
    /// Of all new readers of a network together.
    pub network: i64,
    pub period: Duration,
}

impl Limits {
    #[must_use]
    pub fn of(&self, meter: MeterId) -> i64 {
        match meter {
            _ if meter.is_user() => self.user,
            _ if meter.is_network() => self.network,
            _ => self.anonymous,
        }
    }
}
