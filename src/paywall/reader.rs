//! Who reads.

use super::{content::ContentId, counting::MeteredRead, meter_id::MeterId};
use crate::{
    base::{clock::Timestamp, secrets},
    db::DbError,
};

/// Somebody who wants to read: a user, or a browser without a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    id: MeterId,
    /// The meter of the network, if the browser is new and has no meter of its own.
    network: Option<MeterId>,
    /// Whether reads are not metered.
    pub(super) is_subscribed: bool,
    /// Whether drafts and posts for subscribers may be read, free of charge.
    pub(super) is_editor: bool,
}

impl Reader {
    /// A user without further rights, which do not matter to the meter.
    #[must_use]
    pub fn user(user_id: i64) -> Self {
        Self::with_meter(MeterId::of_user(user_id))
    }

    #[must_use]
    pub fn with_rights(self, is_subscribed: bool, is_editor: bool) -> Self {
        Self { is_subscribed, is_editor, ..self }
    }

    /// A browser whose cookie names this meter.
    #[must_use]
    pub fn browser(id: MeterId) -> Self {
        Self::with_meter(id)
    }

    /// A browser whose cookie names no meter. It draws on the budget of the network.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn new_browser(network: MeterId) -> Result<Self, DbError> {
        Ok(Self { network: Some(network), ..Self::with_meter(random_reader()?) })
    }

    fn with_meter(id: MeterId) -> Self {
        Self { id, network: None, is_subscribed: false, is_editor: false }
    }

    /// The id of the reader's own meter, for the cookie.
    #[must_use]
    pub fn id(&self) -> MeterId {
        self.id
    }

    /// Whether the cookie names no meter yet, and has to after a read.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.network.is_some()
    }

    pub(super) fn read(self, content: ContentId, at: Timestamp) -> MeteredRead {
        MeteredRead { meter: self.network.unwrap_or(self.id), reader: self.id, content, at }
    }
}

/// The id of an anonymous reader.
///
/// # Errors
/// The system has no random numbers.
pub fn random_reader() -> Result<MeterId, DbError> {
    Ok(MeterId::of_reader(u64::from_ne_bytes(secrets::random_bytes()?)))
}
