//! The account itself: registration, its name and address, and its deletion.

pub(super) mod change;
pub(super) mod deletion;
pub(super) mod registration;
pub(super) mod username;
pub(super) mod verification;
