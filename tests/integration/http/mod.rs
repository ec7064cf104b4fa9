//! The server as a client sees it, on SQLite and on PostgreSQL.

mod access;
mod account;
mod anonymous;
mod api_token_access;
mod api_token_pages;
mod api_tokens;
mod audit;
mod billing;
mod blog;
mod bodies;
mod connections;
mod cors;
mod demo_checkout;
mod demotion;
mod devices;
mod documents;
mod email;
mod email_notices;
mod email_outbox;
mod email_reset;
mod export;
mod forward_auth;
mod gate;
mod gift_reading;
mod gift_storage;
mod gifts;
mod hashes;
mod limits;
mod login;
mod meter;
mod metrics;
mod nodes;
mod origin;
mod outage;
mod pages;
#[cfg(feature = "passkeys")]
mod passkeys;
#[cfg(feature = "passkeys")]
mod passkeys_pages;
#[cfg(feature = "passkeys")]
mod passkeys_refused;
#[cfg(feature = "passkeys")]
mod passkeys_stored;
mod pipelining;
mod protection;
mod publish;
mod reads;
mod register;
mod retention;
mod rotation;
mod second_factor_enrolment;
mod second_factor_pages;
mod second_factor_policy;
mod second_factors;
mod server_rendering;
mod session_end;
mod sessions;
mod single_page_app;
mod slow_bodies;
mod stats;
mod throttling;
mod unread_bodies;
mod walk;
