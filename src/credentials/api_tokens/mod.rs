//! API tokens, with which scripts and servers act for a user. A token is never fresh, and reaches only what its scopes
//! allow.

mod lookup;
mod scopes;
mod table;

pub use self::{
    lookup::{TokenPrincipal, Tokens},
    scopes::{Scope, Scopes},
    table::{
        ApiToken, NewApiToken, TokenHash, count_live, delete, delete_expired as cleanup, delete_of_user, delete_up_to,
        find_live, find_live_user, insert, last_id, list, list_live, record_use,
    },
};
use super::token_text;
pub use super::token_text::Secret;

/// What every API token begins with.
pub const PREFIX: &str = "tgt_";

/// The text of a new token.
#[must_use]
pub fn generate() -> Secret {
    token_text::generate(PREFIX)
}
