//! Billing: subscriptions, either bought through Stripe or granted by an admin, and what they entitle users to.

pub mod customers;
mod events;
pub mod payments;
pub mod stripe;
pub mod stripe_events;
pub mod subscribers;
pub mod subscription;
pub mod subscriptions;

pub use self::events::{cleanup, process_event};
use self::payments::table;
use crate::db::{DbError, Tx};

/// Deletes the subscriptions of a user whose account is deleted. The ids of processed Stripe events remain, without a
/// user.
pub fn delete_of_user(tx: &mut Tx<'_>, user_id: i64) -> Result<(), DbError> {
    table::delete_of_user(tx, user_id)?;
    subscriptions::delete_of_user(tx, user_id)
}
