//! Notices about what happens to an account, each with a link for "this wasn't me".

use std::time::Duration;

use super::Email;
use crate::{
    client::Client,
    clock::Timestamp,
    db::{DbError, Tx},
    mail::{Kind, Link, Mailer, Occurrence, Outgoing, Payload},
    models::{
        audit::{self, Event},
        one_time_tokens::{Grant, Purpose},
        outbox,
        users::User,
    },
};

/// How long the link is valid.
const LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// An account younger than this is new: its first sign-in is not reported.
const NEW_ACCOUNT: Duration = Duration::from_secs(24 * 60 * 60);

/// What the token of a notice about a new second factor stands for; others stand for an address.
pub(super) const ADDED_FACTOR: &str = "second_factor";

/// Notices about one account in an hour. What happens beyond that arrives as one summary.
const MAX: i64 = 10;
const WINDOW: Duration = Duration::from_secs(60 * 60);

/// Occurrences that a summary lists.
const MAX_LISTED: usize = 100;

/// Tells a user what happened, if e-mail is on and the user has a verified address. Pass the user as it was before.
pub(super) fn send(
    tx: &mut Tx<'_>,
    mailer: Option<&Mailer>,
    kind: Kind,
    user: &User,
    client: &Client,
    now: Timestamp,
) -> Result<(), DbError> {
    match (mailer, &user.email) {
        (Some(mailer), Some(email)) if user.is_email_verified() => {
            send_to(tx, mailer, kind, user, email, None, client, now)
        }
        _ => Ok(()),
    }
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
    send(tx, mailer, Kind::NewBrowser, user, client, now)
}

/// Tells a user of a changed address, at this address. The link restores the address `before`.
pub(super) fn send_changed_address(
    tx: &mut Tx<'_>,
    mailer: &Mailer,
    user: &User,
    recipient: &str,
    before: &Email,
    client: &Client,
    now: Timestamp,
) -> Result<(), DbError> {
    send_to(tx, mailer, Kind::EmailChanged, user, recipient, Some(&before.original), client, now)
}

/// Tells a user of a new second factor. The link removes it.
pub(super) fn send_added_factor(
    tx: &mut Tx<'_>,
    mailer: Option<&Mailer>,
    user: &User,
    client: &Client,
    now: Timestamp,
) -> Result<(), DbError> {
    match (mailer, &user.email) {
        (Some(mailer), Some(email)) if user.is_email_verified() => {
            send_to(tx, mailer, Kind::SecondFactorAdded, user, email, Some(ADDED_FACTOR), client, now)
        }
        _ => Ok(()),
    }
}

#[expect(clippy::too_many_arguments, reason = "they are what a notice consists of")]
fn send_to(
    tx: &mut Tx<'_>,
    mailer: &Mailer,
    kind: Kind,
    user: &User,
    recipient: &str,
    undo: Option<&str>,
    client: &Client,
    now: Timestamp,
) -> Result<(), DbError> {
    let occurrence = Occurrence {
        kind: kind.as_str().to_owned(),
        at: now.millis(),
        ip: client.ip.to_string(),
        user_agent: client.user_agent.clone(),
    };
    let grant = Grant { user_id: user.id, payload: undo.map(str::to_owned), created_at: now };
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
        // A deleted account has nothing left to secure.
        link: (kind != Kind::AccountDeleted).then_some(link),
        not_before: None,
    };
    let is_limited = mailer.is_limited && undo.is_none() && kind != Kind::AccountDeleted;
    let notices: Vec<_> = Kind::NOTICES.iter().map(|kind| kind.as_str()).collect();
    if is_limited && outbox::count_since(tx, user.id, &notices, now.before(WINDOW))? >= MAX {
        if add_to_waiting_summary(tx, user.id, occurrence)? {
            return Ok(());
        }
        message.kind = Kind::Summary;
        message.not_before = Some(now.after(WINDOW));
    }
    mailer.enqueue(tx, &message, now)
}

/// Returns `false` if no summary is waiting to be sent.
fn add_to_waiting_summary(tx: &mut Tx<'_>, user_id: i64, occurrence: Occurrence) -> Result<bool, DbError> {
    let Some((id, payload)) = outbox::find_waiting(tx, user_id, Kind::Summary.as_str())? else { return Ok(false) };
    let mut payload: Payload = serde_json::from_str(&payload).unwrap_or_default();
    if payload.occurrences.len() < MAX_LISTED {
        payload.occurrences.push(occurrence);
    }
    outbox::set_payload(tx, id, &payload.to_json()?)?;
    Ok(true)
}
