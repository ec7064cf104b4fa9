//! Passwords: how they are hashed, stored and verified.

mod check;
mod fair_queue;
mod foreign_hash;
pub(super) mod hash;
mod hasher;
mod metrics;
mod password;
mod verify;
mod work;

pub use self::{
    fair_queue::Requester,
    foreign_hash::Unusable,
    hasher::{Hasher, Overloaded},
    password::Password,
    verify::{PasswordError, Subject, Verified, Verifier},
};
