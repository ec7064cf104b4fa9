//! One module per table: its rows and the queries on them. All functions block; call them inside
//! [`crate::db::Db::read`] or [`crate::db::Db::write`].

pub mod access;
pub mod api_tokens;
pub mod audit;
pub mod customers;
pub mod days;
mod event;
pub mod failed_factors;
pub mod failed_passwords;
pub mod identity;
pub mod imported_users;
pub mod mail_requests;
pub mod metered_reads;
pub mod meters;
pub mod one_time_tokens;
pub mod outbox;
pub mod passkey_challenges;
pub mod passkeys;
pub mod pending_logins;
pub mod posts;
pub mod reads;
pub mod recovery_codes;
pub mod refusals;
pub mod registrations;
mod role;
mod scopes;
mod second_factor;
pub mod sessions;
pub mod stripe_events;
pub mod subscriptions;
pub mod totp_seeds;
pub mod trusted_browsers;
pub mod user_activity;
pub mod user_emails;
pub mod user_pages;
pub mod users;
