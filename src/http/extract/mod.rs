//! Extractors, which give handlers the body, the client and the signed-in user.

pub(super) mod admin;
pub(super) mod body;
pub(super) mod client;
pub(super) mod current_user;
pub(super) mod editor;
pub(super) mod fields;
