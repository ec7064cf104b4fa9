//! The terms on which a reader may read a post.

use super::reading::ReadError;
use crate::models::{access::Access, posts::Post};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Terms {
    /// An editor's draft, which is free and not recorded.
    Draft,
    Free,
    Metered,
    SubscribersOnly,
}

impl Terms {
    pub(super) fn of(post: &Post, is_subscribed: bool, is_editor: bool) -> Result<Self, ReadError> {
        Ok(match post.access {
            _ if !post.published && !is_editor => return Err(ReadError::NoSuchPost),
            _ if !post.published => Self::Draft,
            Access::Free => Self::Free,
            Access::Metered | Access::Subscribers if is_subscribed => Self::Free,
            Access::Subscribers if is_editor => Self::Free,
            Access::Subscribers => Self::SubscribersOnly,
            Access::Metered => Self::Metered,
        })
    }
}
