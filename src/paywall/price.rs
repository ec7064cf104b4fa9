//! What a post costs a reader.

use super::{
    posts::{Post, access::Access},
    reader::Reader,
};
use crate::db::DbError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Price {
    /// An editor's draft, which is free and not recorded.
    Draft,
    Free,
    Metered,
    Subscribers,
}

/// Why a post could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The post does not exist, or is not published.
    #[error("no such post")]
    NoSuchPost,
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Price {
    pub(super) fn of(post: &Post, reader: Reader) -> Result<Self, ReadError> {
        let Reader { is_subscribed, is_editor, .. } = reader;
        Ok(match post.access {
            _ if !post.published && !is_editor => return Err(ReadError::NoSuchPost),
            _ if !post.published => Self::Draft,
            Access::Free => Self::Free,
            Access::Metered | Access::Subscribers if is_subscribed => Self::Free,
            Access::Subscribers if is_editor => Self::Free,
            Access::Subscribers => Self::Subscribers,
            Access::Metered => Self::Metered,
        })
    }
}
