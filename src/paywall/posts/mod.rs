//! Posts: what an editor submits, what is cached, the text as HTML, and the samples of a new database.

pub mod access;
mod cache;
pub mod input;
mod markdown;
pub mod samples;
mod table;

pub use self::{
    cache::{CachedPost, PostCache},
    input::{PostInput, slug},
    table::{Post, PostDraft, PostSummary, delete, find, free_ids, insert, is_published, list, update},
};
