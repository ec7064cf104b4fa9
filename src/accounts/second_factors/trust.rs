//! Browsers that need no second factor for a while. Trust ends with a change of the password or of the factors.

use std::time::Duration;

use crate::{
    accounts::{AccountError, Accounts, sign_in::reauthentication::require_session},
    base::{client::Client, clock::Timestamp, secrets},
    credentials::{
        sessions::Principal,
        trusted_browsers::{self, NewTrustedBrowser},
    },
    db::{DbConnection, DbError, Tx},
    users::{
        self,
        audit::{self, Event},
    },
};

/// How long a browser is trusted, and how long its cookie lasts.
pub const TRUST_LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A browser that is trusted from now on.
pub(super) struct Trusted {
    pub(super) id: i64,
    /// The token for the browser's cookie.
    pub(super) token: String,
}

pub(super) fn trust(tx: &mut Tx<'_>, user_id: i64, password_version: i64, now: Timestamp) -> Result<Trusted, DbError> {
    let token = secrets::random_token();
    let browser = NewTrustedBrowser {
        token_hash: &secrets::digest(&token),
        user_id,
        password_version,
        created_at: now,
        expires_at: now.after(TRUST_LIFETIME),
    };
    Ok(Trusted { id: trusted_browsers::insert(tx, &browser)?, token })
}

/// The id of the browser with this token, if it is trusted by the user with this version of the password.
pub(in crate::accounts) fn find_trusted(
    connection: &mut DbConnection,
    token: Option<&str>,
    user_id: i64,
    password_version: i64,
    now: Timestamp,
) -> Result<Option<i64>, DbError> {
    let Some(token) = token else { return Ok(None) };
    trusted_browsers::find(connection, &secrets::digest(token), user_id, password_version, now)
}

impl Accounts {
    /// Ends the trust in all of the user's browsers. As it only makes the account safer, any session may do so.
    pub async fn remove_trusted_browsers(
        &self,
        user: &Principal,
        client: Client,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let (user_id, session_id) = (user.user_id, user.session_id);
        let remove = move |tx: &mut Tx<'_>| {
            users::lock_by_id(tx, user_id)?;
            require_session(tx, session_id, now)?;
            if trusted_browsers::delete_others(tx, user_id, None)? > 0 {
                audit::insert(tx, user_id, Event::TrustedBrowsersRemoved, &client, now)?;
            }
            Ok(())
        };
        self.db().write(remove).await
    }
}
