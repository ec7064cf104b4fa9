//! Posts: what an editor submits, what is cached, the text as HTML, and the samples of a new database.

pub mod access;
mod autolinks;
mod cache;
pub mod input;
mod markdown;
pub mod samples;
mod table;

pub(in crate::paywall) use self::table::is_due;
pub use self::{
    cache::{CachedPost, PostCache},
    input::{PostInput, slug},
    markdown::to_html,
    table::{
        Audience, Post, PostAddress, PostDraft, PostSummary, addresses, delete, find, free_ids, insert, insert_once,
        is_visible, list, summaries, update,
    },
};
