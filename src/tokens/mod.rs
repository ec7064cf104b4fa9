//! API tokens, with which scripts and servers act for a user. A token is never fresh, and reaches only what its scopes
//! allow.

mod lookup;
mod principal;
mod secret;

pub use self::{
    lookup::Tokens,
    principal::TokenPrincipal,
    secret::{PREFIX, Secret, generate},
};
pub use crate::models::api_tokens::delete_expired as cleanup;
