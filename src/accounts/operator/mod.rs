//! What an operator does: actions on one account, searching users, and importing those of another program.

pub mod administration;
pub mod import;
pub mod user_search;
