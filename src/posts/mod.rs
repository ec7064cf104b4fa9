//! Posts: what an editor submits, what is cached, and the samples of a new database.

mod cache;
pub mod input;
pub mod samples;

pub use self::{
    cache::{KnownPost, PostCache},
    input::{PostInput, slug},
};
