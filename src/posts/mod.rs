//! Posts: what an editor submits, what is cached, the text as HTML, and the samples of a new database.

mod cache;
pub mod input;
mod markdown;
pub mod samples;

pub use self::{
    cache::{CachedPost, PostCache},
    input::{PostInput, slug},
};
