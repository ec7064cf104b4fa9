//! Work that is done in the background.

pub mod cleanup;
