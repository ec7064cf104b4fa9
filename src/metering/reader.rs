//! Who reads.

use crate::{
    clock::Timestamp,
    db::{DbError, random_bytes},
    models::{meter_id::MeterId, metered_reads::MeteredRead},
};

/// A user who wants to read, and the user's rights.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// The user whose meter counts.
    pub user_id: i64,
    /// Whether reads are not metered.
    pub is_subscribed: bool,
    /// Whether drafts and posts for subscribers may be read, free of charge.
    pub is_editor: bool,
}

impl Reader {
    pub(super) fn read(self, post_id: i64, at: Timestamp) -> MeteredRead {
        MeteredRead::by_user(self.user_id, post_id, at)
    }
}

/// The id of a reader without a session.
///
/// # Errors
/// The system has no random numbers.
pub fn random_reader() -> Result<MeterId, DbError> {
    Ok(MeterId::of_reader(u64::from_ne_bytes(random_bytes()?)))
}

/// A reader without a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnonymousReader {
    id: MeterId,
    /// The meter of the network, if the reader is new.
    network: Option<MeterId>,
}

impl AnonymousReader {
    /// A reader whose cookie names this meter.
    #[must_use]
    pub fn known(id: MeterId) -> Self {
        Self { id, network: None }
    }

    /// A reader whose cookie names no meter, who draws on the budget of the network.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn new(network: MeterId) -> Result<Self, DbError> {
        Ok(Self { id: random_reader()?, network: Some(network) })
    }

    /// For the cookie.
    #[must_use]
    pub fn id(&self) -> MeterId {
        self.id
    }

    /// Whether the cookie names no meter yet, and has to after a read.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.network.is_some()
    }

    pub(super) fn read(self, post_id: i64, at: Timestamp) -> MeteredRead {
        MeteredRead { meter: self.network.unwrap_or(self.id), reader: self.id, post_id, at }
    }
}
