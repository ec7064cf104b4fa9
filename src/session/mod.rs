//! Sessions: kept in the database, known to the browser by a token that only it has.

mod open;
mod principal;
mod protection;
mod revoke;
mod store;

pub use self::{
    open::{Ends, Opened, hand_over, insert},
    principal::Principal,
    protection::{Arrival, admit},
    revoke::revoke_up_to,
    store::{DbSessionStore, Found},
};
