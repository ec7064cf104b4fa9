//! Adding messages to the outbox.

mod message_kind;
mod table;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

pub use self::message_kind::MessageKind;
pub use self::table::{
    Counts, Listed, NewMessage, Queued, claim, count, count_between, delete_before, delete_unsent, delete_waiting,
    discard, extend_claim, find_waiting, has_due, insert, list_unsent, mark_failed, mark_sent, postpone, resolve,
    retry, set_payload, unsent_page, user_of_unsent,
};
use super::one_time_tokens::{self, Grant, Purpose};
use crate::{
    base::{
        clock::Timestamp,
        secrets::{self, LinkKeys},
    },
    config::SecretKey,
    db::{DbError, Tx},
    mail::outbox,
};

/// What a message mentions. No secrets.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Payload {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The normalized recipient of a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_key: Option<String>,
    /// Whether the recipient of a [`MessageKind::SignInRequest`] may get an account.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub can_register: bool,
    /// Where a [`MessageKind::SignIn`] leads on to, on this site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// What a notice reports.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub occurrences: Vec<Occurrence>,
}

/// Something that happened to an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Occurrence {
    /// The kind of its notice.
    pub kind: String,
    /// In Unix milliseconds.
    pub at: i64,
    pub ip: String,
    pub user_agent: Option<String>,
}

impl Payload {
    pub fn to_json(&self) -> Result<String, DbError> {
        serde_json::to_string(self).map_err(|error| DbError::Query(error.to_string()))
    }
}

/// The token in the link of a message.
#[derive(Clone, Debug)]
pub struct Link {
    pub purpose: Purpose,
    pub grant: Grant,
    pub expires_at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct Outgoing {
    pub kind: MessageKind,
    pub user_id: Option<i64>,
    pub recipient: String,
    pub payload: Payload,
    pub link: Option<Link>,
    /// When it is delivered, if not at once.
    pub not_before: Option<Timestamp>,
}

/// The keys of the tokens in links. Every attempt to deliver a message has the same link.
#[must_use]
pub fn link_keys(secret: &SecretKey, old: Option<&SecretKey>) -> LinkKeys {
    const PURPOSE: &str = "one_time_token";
    LinkKeys::new(secret.derive(PURPOSE), old.map(|old| old.derive(PURPOSE)))
}

/// A random value, and when the token made of it expires.
pub(super) type Seed = ([u8; 32], Timestamp);

/// Adds messages to the outbox. Clones wake the same delivery.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "keys must not be shown")]
pub struct Mailer {
    pub(super) keys: LinkKeys,
    /// The domain of message ids.
    domain: Arc<str>,
    pub(super) added: Arc<Notify>,
    is_stopped: Arc<AtomicBool>,
    /// Whether requests for messages are limited.
    pub is_limited: bool,
}

impl Mailer {
    /// `from` is the sender, whose domain appears in message ids.
    #[must_use]
    pub fn new(keys: LinkKeys, from: &str, is_limited: bool) -> Self {
        let domain = from.rsplit_once('@').map_or("localhost", |(_, domain)| domain.trim_end_matches('>'));
        Self { keys, domain: domain.into(), added: Arc::default(), is_stopped: Arc::default(), is_limited }
    }

    /// Adds a message to the outbox. Call [`Self::wake`] after the commit.
    pub fn enqueue(&self, tx: &mut Tx<'_>, message: &Outgoing, now: Timestamp) -> Result<(), DbError> {
        let seed = message.link.as_ref().map(|link| self.grant(tx, link)).transpose()?;
        self.enqueue_with(tx, message, seed, now)
    }

    /// As [`Self::enqueue`], with the seed of a token that exists already.
    pub(super) fn enqueue_with(
        &self,
        tx: &mut Tx<'_>,
        message: &Outgoing,
        seed: Option<Seed>,
        now: Timestamp,
    ) -> Result<(), DbError> {
        let random: [u8; 16] = secrets::random_bytes()?;
        let row = NewMessage {
            kind: message.kind.into_str(),
            user_id: message.user_id,
            recipient: &message.recipient,
            payload: &message.payload.to_json()?,
            seed: seed.as_ref().map(|(seed, _)| seed.as_slice()),
            token_expires_at: seed.map(|(_, expires_at)| expires_at),
            message_id: &format!("<{}@{}>", HEXLOWER.encode(&random), self.domain),
            created_at: now,
            next_attempt_at: message.not_before.unwrap_or(now),
        };
        outbox::insert(tx, &row)
    }

    /// Creates a token, of which only the hash is stored, and returns its seed.
    pub(super) fn grant(&self, tx: &mut Tx<'_>, link: &Link) -> Result<Seed, DbError> {
        let seed: [u8; 32] = secrets::random_bytes()?;
        let hash = secrets::digest(&self.keys.token(&seed));
        one_time_tokens::add(tx, link.purpose, &hash, &link.grant, link.expires_at)?;
        Ok((seed, link.expires_at))
    }

    /// For messages that an operator or an admin causes, which are not limited.
    #[must_use]
    pub fn unlimited(&self) -> Self {
        Self { is_limited: false, ..self.clone() }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
        self.wake();
    }

    /// Starts the delivery of what has been added.
    pub fn wake(&self) {
        self.added.notify_one();
    }
}
