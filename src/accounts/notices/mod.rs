//! Notices about what happens to an account, each with a link for "this wasn't me".

mod this_wasnt_me;

use std::time::Duration;

use strum::VariantArray;

use crate::{
    base::{client::Client, clock::Timestamp},
    db::{DbError, Tx},
    mail::{
        Link, Mailer, MessageKind, Occurrence, Outgoing, Payload,
        one_time_tokens::{self, Grant, Purpose},
        outbox,
    },
    users::{
        User,
        audit::{self, Event},
    },
};

/// How long the link is valid.
const LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// An account younger than this is new: its first sign-in is not reported.
const NEW_ACCOUNT: Duration = Duration::from_secs(24 * 60 * 60);

/// Notices about one account in an hour. What happens beyond that arrives as one summary.
const MAX: i64 = 10;
const WINDOW: Duration = Duration::from_secs(60 * 60);

/// Occurrences that a summary lists.
const MAX_LISTED: usize = 100;

/// Tells a user what happened, if email is on and the user has a verified address. Pass the user as it was before.
pub(super) fn send(
    tx: &mut Tx<'_>,
    mailer: Option<&Mailer>,
    kind: MessageKind,
    user: &User,
    client: &Client,
    now: Timestamp,
) -> Result<(), DbError> {
    let (Some(mailer), Some(email)) = (mailer, user.verified_email()) else { return Ok(()) };
    send_to(tx, mailer, kind, user, email, email, client, now)
}

/// Tells a user of a sign-in from a browser that is not known; except for the first one to a new account, because
/// whoever has just registered would learn nothing from it.
pub(super) fn send_new_browser(
    tx: &mut Tx<'_>,
    mailer: Option<&Mailer>,
    user: &User,
    client: &Client,
    now: Timestamp,
) -> Result<(), DbError> {
    let is_new_account = user.created_at.until(now) < NEW_ACCOUNT;
    if is_new_account && mailer.is_some() {
        let (since, until) = (Timestamp::from_millis(0), now.latest_plausible());
        // The audit log contains this sign-in already.
        if audit::nth_last(tx, user.id, &[Event::SignedIn], 2, since, until)?.is_none() {
            return Ok(());
        }
    }
    send(tx, mailer, MessageKind::NewBrowser, user, client, now)
}

/// The time to record for a change that a notice reports. The user must be locked. It is later than those of all
/// notices whose links still exist, so that "since" has a meaning. The clock is not enough: it is read before a request
/// waits for the hash of a password, the database and the lock, and the clocks of nodes differ.
pub(super) fn time_of_change(tx: &mut Tx<'_>, user_id: i64, now: Timestamp) -> Result<Timestamp, DbError> {
    let latest = one_time_tokens::latest(tx, user_id, Purpose::Secure)?;
    Ok(latest.map_or(now, |latest| now.max(latest.after(Duration::from_millis(1)))))
}

/// Tells the owner of an address that it no longer belongs to the user, because the former one was restored. Without a
/// link: whoever has just lost the account would take it back.
pub(super) fn send_restored_address(
    tx: &mut Tx<'_>,
    mailer: &Mailer,
    user_id: i64,
    recipient: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let message = Outgoing {
        kind: MessageKind::AddressRestored,
        user_id: Some(user_id),
        recipient: recipient.to_owned(),
        payload: Payload::default(),
        link: None,
        not_before: None,
    };
    mailer.enqueue(tx, &message, now)
}

/// Tells a user of a changed address, at this address. `before` is the former one.
pub(super) fn send_changed_address(
    tx: &mut Tx<'_>,
    mailer: &Mailer,
    user: &User,
    recipient: &str,
    before: &str,
    client: &Client,
    now: Timestamp,
) -> Result<(), DbError> {
    send_to(tx, mailer, MessageKind::EmailChanged, user, recipient, before, client, now)
}

/// `before` is the verified address that the user had before what the notice reports: its link restores that.
#[expect(clippy::too_many_arguments, reason = "they are what a notice consists of")]
fn send_to(
    tx: &mut Tx<'_>,
    mailer: &Mailer,
    kind: MessageKind,
    user: &User,
    recipient: &str,
    before: &str,
    client: &Client,
    now: Timestamp,
) -> Result<(), DbError> {
    let occurrence = Occurrence {
        kind: kind.into_str().to_owned(),
        at: now.millis(),
        ip: client.ip.to_string(),
        user_agent: client.user_agent.clone(),
    };
    let created_at = time_of_change(tx, user.id, now)?;
    let grant = Grant { user_id: user.id, payload: Some(before.to_owned()), created_at };
    let link = Link { purpose: Purpose::Secure, grant, expires_at: now.after(LIFETIME) };
    let mut message = Outgoing {
        kind,
        user_id: Some(user.id),
        recipient: recipient.to_owned(),
        payload: Payload {
            username: Some(user.username.clone()),
            occurrences: vec![occurrence.clone()],
            ..Payload::default()
        },
        link: kind.link_path().map(|_| link),
        not_before: None,
    };
    let sent = outbox::count_between(tx, user.id, &counted_with(kind), now.before(WINDOW), now.latest_plausible())?;
    if mailer.is_limited && sent >= MAX {
        if add_to_waiting_summary(tx, mailer, &message, occurrence)? {
            return Ok(());
        }
        message.kind = MessageKind::Summary;
        message.not_before = Some(now.after(WINDOW));
    }
    mailer.enqueue(tx, &message, now)
}

/// The kinds of notices that count against the limit for this one. Those of what helps an intruder to stay count by themselves:
/// ten others, which the intruder can cause, must not delay them.
fn counted_with(kind: MessageKind) -> Vec<&'static str> {
    let is_counted = |other: &MessageKind| match kind {
        MessageKind::EmailChanged | MessageKind::EmailChangePending => {
            matches!(other, MessageKind::EmailChanged | MessageKind::EmailChangePending)
        }
        MessageKind::SecondFactorAdded
        | MessageKind::PasskeyAdded
        | MessageKind::IdentityAdded
        | MessageKind::RecoveryCodesReplaced
        | MessageKind::AccountDeleted => *other == kind,
        _ => other.is_notice(),
    };
    MessageKind::VARIANTS.iter().filter(|other| is_counted(other)).map(MessageKind::into_str).collect()
}

/// Returns `false` if no summary to this address is waiting that this version can read and whose link is still valid.
fn add_to_waiting_summary(
    tx: &mut Tx<'_>,
    mailer: &Mailer,
    notice: &Outgoing,
    occurrence: Occurrence,
) -> Result<bool, DbError> {
    let Some(user_id) = notice.user_id else { return Ok(false) };
    let waiting = outbox::find_waiting(tx, user_id, MessageKind::Summary.into_str(), &notice.recipient)?;
    let Some((id, payload, seed)) = waiting else { return Ok(false) };
    let Ok(mut payload) = serde_json::from_str::<Payload>(&payload) else { return Ok(false) };
    // The link of an earlier notice may have revoked it. It would not be sent, then.
    if mailer.find_token(tx, &seed.unwrap_or_default())?.is_none() {
        outbox::delete_waiting(tx, id)?;
        return Ok(false);
    }
    if payload.occurrences.len() < MAX_LISTED {
        payload.occurrences.push(occurrence);
    }
    outbox::set_payload(tx, id, &payload.to_json()?)?;
    Ok(true)
}
