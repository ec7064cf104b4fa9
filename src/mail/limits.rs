//! Limits on messages that anyone can trigger.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::outbox::{Mailer, MessageKind};
use crate::{
    base::{client::Client, clock::Timestamp},
    db::{DbError, Tx, advisory_lock::AdvisoryLock},
    users::attempts::{self, AttemptKind::MailRequest, AttemptScope, Limit, Subject},
};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Messages of one kind to one address.
const TO_ADDRESS: Limit = Limit { kind: MailRequest, max: 3, window: HOUR };

/// Messages of any kind that one network triggers.
const FROM_NETWORK: Limit = Limit { kind: MailRequest, max: 20, window: HOUR };

/// Too many messages have been requested, until this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited(pub Timestamp);

impl Mailer {
    /// Counts a request for a message to a normalized address, whether or not it belongs to anybody.
    ///
    /// # Errors
    /// The inner error says when another request is allowed.
    pub fn count_request(
        &self,
        tx: &mut Tx<'_>,
        kind: MessageKind,
        email_key: &str,
        client: &Client,
        now: Timestamp,
    ) -> Result<Result<(), Limited>, DbError> {
        if !self.is_limited {
            return Ok(Ok(()));
        }
        let message: Subject =
            Sha256::new().chain_update(kind.into_str()).chain_update([0]).chain_update(email_key).finalize().into();
        let network = client.network();
        // Always the message before the network: a fixed order prevents deadlocks.
        AdvisoryLock::Hash(&message).acquire(tx)?;
        attempts::lock_network(tx, MailRequest, &network)?;
        let to_address = TO_ADDRESS.blocked_until(tx, AttemptScope::Subject(&message), now)?;
        let from_network = FROM_NETWORK.blocked_until(tx, AttemptScope::Network(&network), now)?;
        if let Some(until) = to_address.max(from_network) {
            return Ok(Err(Limited(until)));
        }
        attempts::insert(tx, MailRequest, Some(&message), Some(&network), now)?;
        Ok(Ok(()))
    }
}
