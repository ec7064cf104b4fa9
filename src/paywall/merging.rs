//! Attributes the reads of an anonymous reader to the account that signs in.

use std::collections::HashSet;

use super::{
    content::ContentId,
    meter_id::MeterId,
    meters::{self, Meter},
    pages, reads,
};
use crate::{
    base::clock::Timestamp,
    config::{MeterConfig, ReadsCount},
    daily_counts::{self, DayCounts, last_refusals},
    db::{DbError, Tx},
    users::User,
};

/// Records that a reader has signed in. The first time, the reads of the running period are added to the user's meter,
/// if the operator wants it, and the reader is counted as converted if the account is new. The user must be locked.
pub fn sign_in(
    tx: &mut Tx<'_>,
    policy: &MeterConfig,
    reader: MeterId,
    user: &User,
    now: Timestamp,
) -> Result<(), DbError> {
    let is_conversion = first_sign_in(tx, policy, reader, user, now)?;
    last_refusals::sign_in(tx, reader.number(), user.id, is_conversion.then_some(user.created_at), now)
}

/// Returns whether the reader is converted.
fn first_sign_in(
    tx: &mut Tx<'_>,
    policy: &MeterConfig,
    reader: MeterId,
    user: &User,
    now: Timestamp,
) -> Result<bool, DbError> {
    let Some(meter) = meters::sign_in(tx, reader, now)? else { return Ok(false) };
    if policy.merges_anonymous {
        merge(tx, policy, reader, meter, user.id, now)?;
    }
    // Not a conversion if the account is older than these reads: its user has only read in another browser.
    if user.created_at < meter.period_started_at {
        return Ok(false);
    }
    daily_counts::add(tx, now.day(), DayCounts { anonymous_conversions: 1, ..DayCounts::default() })?;
    Ok(true)
}

/// The anonymous meter is left unchanged, so that signing out does not give more free reads.
fn merge(
    tx: &mut Tx<'_>,
    policy: &MeterConfig,
    reader: MeterId,
    anonymous: Meter,
    user_id: i64,
    now: Timestamp,
) -> Result<(), DbError> {
    let expired_if_started_by = now.before(policy.period);
    if anonymous.period_started_at <= expired_if_started_by {
        return Ok(());
    }
    let mut charged = reads::charged_since(tx, reader, anonymous.period_started_at)?;
    let user = MeterId::of_user(user_id);
    // If these reads start the period of the account, it starts with the first of them.
    let begin = anonymous.period_started_at.min(now);
    let Some(meter) = meters::start_period(tx, user, begin, expired_if_started_by)? else { return Ok(()) };
    let of_user = reads::charged_since(tx, user, meter.period_started_at)?;
    let mut of_user: HashSet<_> = of_user.into_iter().map(|(content, _)| content).collect();
    // A page of another application is charged once, whatever is counted.
    let is_per_content = |content: ContentId| policy.count == ReadsCount::Posts || content.page_id().is_some();
    charged.retain(|(content, _)| !is_per_content(*content) || of_user.insert(*content));
    let count = i64::try_from(charged.len()).unwrap_or(i64::MAX);
    let Some(last_id) = meters::add_reads(tx, user_id, count)? else { return Ok(()) };
    for (_, read_at) in &mut charged {
        *read_at = (*read_at).max(meter.period_started_at);
    }
    pages::keep(tx, charged.iter().map(|(content, _)| *content), now)?;
    reads::insert_charged(tx, user_id, last_id, &charged)
}
