//! The table `last_refusals`: what was last refused to a reader, and when. A registration or subscription that follows
//! within [`KEPT`] is counted for it.

use std::time::Duration;

use diesel::prelude::*;

use super::contents::{self, ContentCounts};
use crate::{
    base::clock::Timestamp,
    db::{DbError, Tx, dispatch, macros::delete_batch, schema::last_refusals},
};

/// How long a refusal is remembered.
pub const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Stripe's timestamps have a resolution of seconds, so a subscription may seem to start before the refusal it follows.
const STRIPE_RESOLUTION: Duration = Duration::from_secs(1);

/// Records a refusal. `reader` is the number of the reader's meter, which is the id of a user or negative.
pub fn record(tx: &mut Tx<'_>, reader: i64, content: i64, at: Timestamp) -> Result<(), DbError> {
    let user_id = Some(reader).filter(|reader| *reader > 0);
    let refused = (last_refusals::post_id.eq(content), last_refusals::at.eq(at));
    dispatch!(tx.connection(), |c| diesel::insert_into(last_refusals::table)
        .values((last_refusals::reader_id.eq(reader), last_refusals::user_id.eq(user_id), refused))
        .on_conflict(last_refusals::reader_id)
        .do_update()
        .set(refused)
        .execute(c))?;
    Ok(())
}

/// Attributes the last refusal of an anonymous reader to the account that signs in. `registered_at` is given if the
/// account is new. It is then counted, and a subscription can still follow.
pub fn sign_in(
    tx: &mut Tx<'_>,
    reader: i64,
    user_id: i64,
    registered_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), DbError> {
    let Some((content, at)) = take(tx, reader, now.before(KEPT), now)? else { return Ok(()) };
    record(tx, user_id, content, at)?;
    if registered_at.is_some_and(|registered_at| at <= registered_at) {
        contents::add(tx, now.day(), content, ContentCounts { sign_ups: 1, ..ContentCounts::default() })?;
    }
    Ok(())
}

/// Counts a subscription that has started for what was last refused to the user before.
pub fn subscribe(tx: &mut Tx<'_>, user_id: i64, started_at: Timestamp) -> Result<(), DbError> {
    let until = started_at.after(STRIPE_RESOLUTION);
    let Some((content, _)) = take(tx, user_id, started_at.before(KEPT), until)? else { return Ok(()) };
    contents::add(tx, started_at.day(), content, ContentCounts { subscriptions: 1, ..ContentCounts::default() })
}

/// Removes and returns the reader's last refusal, if it was between these times. Of two simultaneous calls, one gets it.
fn take(tx: &mut Tx<'_>, reader: i64, since: Timestamp, until: Timestamp) -> Result<Option<(i64, Timestamp)>, DbError> {
    let found = last_refusals::table
        .filter(last_refusals::reader_id.eq(reader))
        .filter(last_refusals::at.ge(since).and(last_refusals::at.le(until)));
    let taken = diesel::delete(found).returning((last_refusals::post_id, last_refusals::at));
    Ok(dispatch!(tx.connection(), |c| taken.get_result(c).optional())?)
}

/// Deletes up to `max` refusals that can no longer be counted for, and returns their number.
pub fn cleanup(tx: &mut Tx<'_>, now: Timestamp, max: i64) -> Result<usize, DbError> {
    delete_batch!(tx, last_refusals.reader_id: i64, last_refusals::at.lt(now.before(KEPT)), max)
}
