//! Sessions, which are stored in the database. The browser identifies its session by a secret token.

mod issue;
mod principal;
mod protection;
mod revoke;
mod store;

pub use self::{
    issue::{Ends, IssuedSession, issue, set_cookie},
    principal::Principal,
    protection::{SessionCheck, check},
    revoke::{delete_of_user, log_out, revoke, revoke_up_to},
    store::{DbSessionStore, LoadedSession},
};
