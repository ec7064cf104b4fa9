//! What an operator does: actions on one account, by the command line or by an admin, searching users, and importing those of another program.

pub mod administration;
pub mod by_admin;
pub mod events;
pub mod import;
pub mod invitations;
pub mod messages;
pub mod user_search;
