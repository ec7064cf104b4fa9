//! User accounts: registration, changes, deletion, import, and the credentials that protect them.

pub mod account;
pub mod administration;
pub mod change;
pub mod credentials;
mod email;
pub mod import;
pub mod lock_outs;
mod precis;
mod quota;
mod throttle;
pub mod user_search;
mod username;

pub use self::{email::Email, username::Username};
