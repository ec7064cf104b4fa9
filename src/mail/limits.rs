//! Limits on messages that anybody can trigger. The counts are stored in the database, so they survive a restart and
//! are shared by all nodes.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{
    mail_requests::{self, AddressHash, Scope},
    outbox::{Kind, Mailer},
};
use crate::{
    base::{client::Client, clock::Timestamp},
    db::{DbError, Tx},
};

const WINDOW: Duration = Duration::from_secs(60 * 60);

/// Messages of one kind to one address in an hour.
const MAX_FOR_ADDRESS: i64 = 3;

/// Messages that one network can trigger in an hour.
const MAX_FROM_NETWORK: i64 = 20;

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
        kind: Kind,
        email_key: &str,
        client: &Client,
        now: Timestamp,
    ) -> Result<Result<(), Limited>, DbError> {
        if !self.is_limited {
            return Ok(Ok(()));
        }
        let (address, network): (AddressHash, _) = (Sha256::digest(email_key.as_bytes()).into(), client.network());
        mail_requests::lock(tx, &address, &network)?;
        if let Some(until) = blocked_until(tx, kind, &address, &network, now)? {
            return Ok(Err(Limited(until)));
        }
        mail_requests::insert(tx, kind.as_str(), &address, &network, now)?;
        Ok(Ok(()))
    }
}

/// If a limit is reached, returns when the next message may be requested.
fn blocked_until(
    tx: &mut Tx<'_>,
    kind: Kind,
    address: &AddressHash,
    network: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let (since, until) = (now.before(WINDOW), now.latest_plausible());
    let to_address = Scope::AddressAndKind(address, kind.as_str());
    let for_address = mail_requests::nth_last(tx, to_address, MAX_FOR_ADDRESS, since, until)?;
    let from_network = mail_requests::nth_last(tx, Scope::Network(network), MAX_FROM_NETWORK, since, until)?;
    Ok(for_address.max(from_network).map(|at| at.after(WINDOW)))
}

/// Deletes up to `max` requests that no longer count and returns their number.
pub(super) fn delete_outdated(tx: &mut Tx<'_>, now: Timestamp, max: i64) -> Result<usize, DbError> {
    mail_requests::delete_before(tx, now.before(WINDOW), max)
}
