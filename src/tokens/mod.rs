//! API tokens, with which scripts and servers act for a user. A token is never fresh, and reaches only what its scopes
//! allow.

mod lookup;
mod secret;

pub use self::{
    lookup::{TokenPrincipal, Tokens},
    secret::{PREFIX, Secret, generate},
};
pub use crate::models::api_tokens::delete_expired as cleanup;
