//! Invites users who were imported without a password, once each.

use std::time::Duration;

use crate::{
    base::clock::Timestamp,
    db::{DbConnection, DbError, Tx},
    mail::{
        Mailer, MessageKind, Outgoing, Payload,
        invitations::{self, Invitee},
    },
};

/// How many messages a relay accepts, and how often.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub batch: u32,
    pub every: Duration,
}

impl Pace {
    /// When the message after `before` others is sent.
    fn time_of(self, start: Timestamp, before: u32) -> Timestamp {
        start.after(self.every * (before / self.batch.max(1)))
    }
}

/// When the first batch can be sent: after those of earlier invitations.
pub fn start(connection: &mut DbConnection, pace: Pace, now: Timestamp) -> Result<Timestamp, DbError> {
    let latest = invitations::latest(connection)?;
    Ok(latest.map_or(now, |latest| latest.after(pace.every).max(now)))
}

/// Adds the messages for the next users to the outbox, up to `max`, after `before` others, and returns their number. Each is due
/// with its batch, and its day for attempts begins then.
pub fn invite(
    tx: &mut Tx<'_>,
    mailer: &Mailer,
    pace: Pace,
    start: Timestamp,
    before: u32,
    max: i64,
) -> Result<u32, DbError> {
    let mut invited = 0;
    for Invitee { user_id, username, email } in invitations::next(tx, max)? {
        let at = pace.time_of(start, before + invited);
        let Some(recipient) = email else { continue };
        if !invitations::insert(tx, user_id, at)? {
            continue;
        }
        let message = Outgoing {
            kind: MessageKind::Invitation,
            user_id: Some(user_id),
            recipient,
            payload: Payload { username: Some(username), ..Payload::default() },
            link: None,
            not_before: None,
        };
        mailer.enqueue(tx, &message, at)?;
        invited += 1;
    }
    Ok(invited)
}
