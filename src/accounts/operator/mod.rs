//! What an operator does: actions on one account, by the command line or by an admin, searching users, importing those of
//! another program, and the first admin.

pub mod administration;
pub mod by_admin;
pub mod events;
pub mod first_admin;
pub mod import;
pub mod invitations;
pub mod lookup;
pub mod messages;
pub mod user_search;
