//! How passwords are hashed, and the queue and threads for that.

mod check;
mod fair_queue;
mod foreign_hash;
pub(in crate::accounts) mod hash;
mod hasher;
mod metrics;
mod work;

pub use self::{
    fair_queue::Requester,
    foreign_hash::Unusable,
    hasher::{Hasher, Overloaded},
};
