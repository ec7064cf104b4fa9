//! Passwords: how they are hashed and verified, changing them, and resetting forgotten ones.

pub(super) mod change;
pub(super) mod hashing;
mod password;
mod recovery;
mod verify;

pub(super) use self::recovery::reset;
pub use self::{
    hashing::{Hasher, Overloaded, Requester, Unusable},
    password::Password,
    verify::{PasswordError, Subject, Verified, Verifier},
};
