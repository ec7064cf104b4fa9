//! Who somebody is: names, passwords, and the proof of them.

pub mod accounts;
pub mod administration;
pub mod change;
mod check;
mod email;
mod existing_users;
mod fair_queue;
mod foreign_hash;
mod hash;
mod hasher;
pub mod import;
pub mod lock_outs;
mod metrics;
mod name;
mod password;
mod precis;
mod quota;
mod throttle;
pub mod user_search;
mod verify;
mod work;

pub use self::{
    email::Email,
    fair_queue::Requester,
    hasher::{Hasher, Overloaded},
    name::Username,
    password::Password,
    verify::{PasswordError, Subject, Verified, Verifier},
};
