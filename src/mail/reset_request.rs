//! Turns a request to reset a password into a message, if the address belongs to somebody.

use std::time::Duration;

use super::{
    one_time_tokens::{Grant, Purpose},
    outbox::{self, Link, Mailer, MessageKind, Outgoing, Payload, Queued},
};
use crate::{
    base::clock::Timestamp,
    db::{DbError, Tx},
    users::{self, User, emails},
};

/// How long the link in the message is valid.
const LIFETIME: Duration = Duration::from_secs(30 * 60);

impl Mailer {
    /// Replaces a claimed request by the message, or deletes it. Only a verified address can receive a reset.
    pub(super) fn resolve(
        &self,
        tx: &mut Tx<'_>,
        request: Queued,
        email_key: &str,
        now: Timestamp,
    ) -> Result<Option<Queued>, DbError> {
        let Some(found) = emails::find_verified(tx, email_key)? else { return discard(tx, &request) };
        // The address may have been changed before the user was locked.
        let user =
            users::lock_by_id(tx, found.user.id)?.filter(|user| user.email == found.user.email && user.is_active);
        let Some((user, email)) = user.and_then(|user| Some((user.clone(), user.email?))) else {
            return discard(tx, &request);
        };
        let link = link(user.id, now);
        let (seed, expires_at) = self.grant(tx, &link)?;
        let message = Queued {
            kind: MessageKind::Reset.into_str().to_owned(),
            user_id: Some(user.id),
            recipient: email,
            payload: Payload { username: Some(user.username), ..Payload::default() }.to_json()?,
            seed: Some(seed.to_vec()),
            token_expires_at: Some(expires_at),
            ..request
        };
        Ok(outbox::resolve(tx, &message)?.then_some(message))
    }
}

impl Mailer {
    /// Sends a link to reset the password to this address, which the caller knows to be the user's.
    pub fn enqueue_reset(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        recipient: String,
        now: Timestamp,
    ) -> Result<(), DbError> {
        let message = Outgoing {
            kind: MessageKind::Reset,
            user_id: Some(user.id),
            recipient,
            payload: Payload { username: Some(user.username.clone()), ..Payload::default() },
            link: Some(link(user.id, now)),
            not_before: None,
        };
        self.enqueue(tx, &message, now)
    }
}

fn link(user_id: i64, now: Timestamp) -> Link {
    let grant = Grant { user_id, payload: None, created_at: now };
    Link { purpose: Purpose::ResetPassword, grant, expires_at: now.after(LIFETIME) }
}

fn discard(tx: &mut Tx<'_>, request: &Queued) -> Result<Option<Queued>, DbError> {
    outbox::discard(tx, request)?;
    Ok(None)
}
