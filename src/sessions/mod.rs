//! Sessions, which are stored in the database. The browser identifies its session by a secret token.

mod issue;
mod lookup;
mod principal;
mod protection;
mod renewal;
mod revoke;
mod token;
mod user_agents;

pub use self::{
    issue::{Expiry, IssuedSession, issue},
    lookup::{LoadedSession, Sessions},
    principal::{Principal, SessionState},
    protection::{SessionCheck, check},
    revoke::{cleanup, delete_of_user, end_others_with_trust, end_with_trust, log_out, revoke, revoke_up_to},
    token::{generate as generate_token, hash as token_hash},
};
