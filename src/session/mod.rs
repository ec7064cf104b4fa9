//! Sessions: kept in the database, known to the browser by a token that only it has.

mod principal;
mod store;
pub mod sweeper;

pub use self::{
    principal::{Ends, Principal, open, principal},
    store::DbSessionStore,
};
