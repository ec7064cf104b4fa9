//! A session that arrives from another network or with another user agent may be stolen: Flask-Login's "session
//! protection", with the network as wide as one moves about in.

use std::sync::Arc;

use super::{LoadedSession, Principal};
use crate::{
    client::Client,
    clock::Timestamp,
    config::Protection,
    db::{Db, DbConnection, DbError},
    models::{
        audit::{self, Event},
        sessions,
    },
};

/// What is left of a session after its request was looked at.
#[derive(Debug)]
pub enum SessionCheck {
    /// It goes on, perhaps no longer fresh.
    Valid(Arc<Principal>),
    /// It is ended.
    Ended,
}

/// Compares a request with where its session was last seen, and notes where it is seen now.
///
/// That is written when the session is renewed, and when it stops being fresh: a request that comes from elsewhere each
/// time is not a write each time.
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
        end(db, &principal, client.clone(), now).await?;
        return Ok(SessionCheck::Ended);
    }
    let loses_freshness = is_foreign && protection == Protection::Basic && principal.is_fresh(now);
    if loses_freshness {
        Arc::make_mut(&mut principal).fresh_until = now;
    }
    if loses_freshness || (renewed && has_moved(&principal, client)) {
        let (id, client, fresh_until) = (principal.session_id, client.clone(), principal.fresh_until);
        let update = move |connection: &mut _| sessions::update_client(connection, id, &client, fresh_until);
        // The session is as good without it, and a database that is full or read-only must not stop the readers.
        if let Err(error) = db.write::<_, DbError, _>(update).await {
            tracing::warn!(%error, "where a session is seen could not be noted");
        }
    }
    Ok(SessionCheck::Valid(principal))
}

fn is_foreign(principal: &Principal, client: &Client) -> bool {
    let is_far = principal.ip.is_some_and(|ip| !client.is_near(ip));
    // Where the address is not known nothing was noted yet, the user agent neither.
    is_far || (principal.ip.is_some() && principal.user_agent != client.user_agent)
}

fn has_moved(principal: &Principal, client: &Client) -> bool {
    principal.ip != Some(client.ip) || principal.user_agent != client.user_agent
}

async fn end(db: &Db, principal: &Principal, client: Client, now: Timestamp) -> Result<(), DbError> {
    let (user_id, id) = (principal.user_id, principal.session_id);
    let end = move |connection: &mut DbConnection| {
        if sessions::delete_own(connection, user_id, id)? {
            audit::insert(connection, user_id, Event::Revoked, &client, now)?;
        }
        Ok(())
    };
    db.write(end).await
}
