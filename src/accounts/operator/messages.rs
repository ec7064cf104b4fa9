//! What an operator does to messages in the outbox. It is recorded in the audit of the user whom the message is for.

use crate::{
    base::{client::Client, clock::Timestamp},
    db::{DbError, Tx},
    mail::outbox,
    users::{
        self,
        audit::{self, Event},
    },
};

/// Makes an unsent message due now. Returns whether it exists.
pub fn retry(tx: &mut Tx<'_>, id: i64, operator: &Client, now: Timestamp) -> Result<bool, DbError> {
    let Some(user_id) = outbox::user_of_unsent(tx, id)? else { return Ok(false) };
    record(tx, user_id, operator, now)?;
    Ok(outbox::retry(tx, Some(id), now)? > 0)
}

/// Deletes an unsent message. Returns whether it existed.
pub fn discard(tx: &mut Tx<'_>, id: i64, operator: &Client, now: Timestamp) -> Result<bool, DbError> {
    let Some(user_id) = outbox::delete_unsent(tx, id)? else { return Ok(false) };
    record(tx, user_id, operator, now)?;
    Ok(true)
}

/// The account may have been deleted: the message about that is still sent.
fn record(tx: &mut Tx<'_>, user_id: Option<i64>, operator: &Client, now: Timestamp) -> Result<(), DbError> {
    let user = user_id.map(|id| users::lock_by_id(tx, id)).transpose()?.flatten();
    user.map_or(Ok(()), |user| audit::insert(tx, user.id, Event::AccountChanged, operator, now))
}
