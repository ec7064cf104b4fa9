//! A session that is used from another network or with another user agent may have been stolen. This is Flask-Login's
//! "session protection", with networks wide enough that ordinary movement stays within one.

use std::sync::Arc;

use super::{LoadedSession, Principal};
use crate::{
    base::{client::Client, clock::Timestamp},
    config::Protection,
    credentials::sessions,
    db::{Db, DbError, Tx},
    users::audit::{self, Event},
};

/// The result of checking a session against its request.
#[derive(Debug)]
pub enum SessionCheck {
    /// The session continues, but may no longer be fresh.
    Valid(Arc<Principal>),
    /// The session has been ended.
    Ended,
}

/// Compares a request with the client that last used the session, and records the new one.
///
/// The client is only written when the session is renewed or stops being fresh, so that a client with changing
/// addresses does not cause a write for each request.
///
/// # Errors
/// A session that must end could not be ended.
pub async fn check(
    db: &Db,
    protection: Protection,
    loaded: LoadedSession,
    client: &Client,
    now: Timestamp,
) -> Result<SessionCheck, DbError> {
    let LoadedSession { mut principal, renewed, .. } = loaded;
    let is_foreign = is_foreign(&principal, client);
    if is_foreign && protection == Protection::Strong {
        // Boxed, as is the update below, so that the future of every request does not reserve space for it.
        Box::pin(end(db, &principal, client.clone(), now)).await?;
        return Ok(SessionCheck::Ended);
    }
    let loses_freshness = is_foreign && protection == Protection::Basic && principal.is_fresh(now);
    if loses_freshness {
        Arc::make_mut(&mut principal).fresh_until = now;
    }
    if loses_freshness || (renewed && has_moved(&principal, client)) {
        let (id, client, fresh_until) = (principal.session_id, client.clone(), principal.fresh_until);
        let update = move |tx: &mut Tx<'_>| sessions::update_client(tx, id, &client, fresh_until);
        // The session remains valid without this, and a full or read-only database must not stop the readers.
        if let Err(error) = Box::pin(db.write::<_, DbError, _>(update)).await {
            tracing::warn!(%error, "failed to record the client of a session");
        }
    }
    Ok(SessionCheck::Valid(principal))
}

fn is_foreign(principal: &Principal, client: &Client) -> bool {
    let is_far = principal.ip.is_some_and(|ip| !client.is_near(ip));
    // If no address is stored, no client has been recorded yet, so there is no user agent either.
    is_far || (principal.ip.is_some() && principal.user_agent.as_deref() != client.user_agent.as_deref())
}

fn has_moved(principal: &Principal, client: &Client) -> bool {
    principal.ip != Some(client.ip) || principal.user_agent.as_deref() != client.user_agent.as_deref()
}

async fn end(db: &Db, principal: &Principal, client: Client, now: Timestamp) -> Result<(), DbError> {
    let (user_id, id) = (principal.user_id, principal.session_id);
    let end = move |tx: &mut Tx<'_>| {
        if sessions::delete_own(tx, user_id, id)? {
            audit::insert(tx, user_id, Event::Revoked, &client, now)?;
        }
        Ok(())
    };
    db.write(end).await
}
