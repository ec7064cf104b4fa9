//! Sessions: kept in the database, known to the browser by a token that only it has.

mod issue;
mod principal;
mod protection;
mod revoke;
mod store;

pub use self::{
    issue::{Ends, IssuedSession, issue, set_cookie},
    principal::Principal,
    protection::{SessionCheck, check},
    revoke::revoke_up_to,
    store::{DbSessionStore, LoadedSession},
};
