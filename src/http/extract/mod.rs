//! What handlers are given: the body, the client, and the signed-in user.

pub(in crate::http) mod body;
pub(in crate::http) mod client;
pub(in crate::http) mod current_user;
pub(in crate::http) mod fields;
pub(in crate::http) mod reauthentication;
