//! API tokens, with which scripts and servers act for a user. A token is never fresh, and reaches only what its scopes
//! allow.

mod lookup;
mod scopes;
mod secret;
mod table;

pub use self::{
    lookup::{TokenPrincipal, Tokens},
    scopes::{Scope, Scopes},
    secret::{PREFIX, Secret, generate},
    table::{
        ApiToken, NewApiToken, TokenHash, count_live, delete, delete_expired as cleanup, delete_of_user, find_live,
        find_live_user, insert, list, list_live, record_use,
    },
};
