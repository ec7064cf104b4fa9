//! Ending a user's own sessions.

use crate::{
    accounts::{AccountError, Accounts, Confirmation},
    base::{client::Client, clock::Timestamp},
    credentials::sessions::{self, Principal},
    db::Tx,
    users::audit::{self, Event},
};

impl Accounts {
    /// Ends one of the user's sessions, and the trust in its browser. Returns whether it existed.
    ///
    /// # Errors
    /// Ending a session other than the current one needs a fresh session or a confirmation; see
    /// [`Accounts::reauthenticate`].
    pub async fn end_session(
        &self,
        user: &Principal,
        id: i64,
        confirmation: Option<Confirmation>,
        client: Client,
        now: Timestamp,
    ) -> Result<bool, AccountError> {
        let (user_id, is_current) = (user.user_id, id == user.session_id);
        let reauthenticated = match confirmation {
            // Ending the current session is a log-out, which needs no re-authentication.
            None if is_current => None,
            confirmation => Some(self.reauthenticate(user, &client, confirmation, now).await?),
        };
        let end = move |tx: &mut Tx<'_>| {
            reauthenticated.map(|reauthenticated| reauthenticated.finalize(tx)).transpose()?;
            let existed = sessions::end_with_trust(tx, user_id, id)?;
            if existed {
                let event = if is_current { Event::SignedOut } else { Event::Revoked };
                audit::insert(tx, user_id, event, &client, now)?;
            }
            Ok::<_, AccountError>(existed)
        };
        self.db().write(end).await
    }

    /// Ends all of the user's sessions except the current one, and the trust in all other browsers.
    pub async fn end_other_sessions(
        &self,
        user: &Principal,
        confirmation: Option<Confirmation>,
        client: Client,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let (user_id, current) = (user.user_id, user.session_id);
        let reauthenticated = self.reauthenticate(user, &client, confirmation, now).await?;
        let end = move |tx: &mut Tx<'_>| {
            reauthenticated.finalize(tx)?;
            if sessions::end_others_with_trust(tx, user_id, current)? > 0 {
                audit::insert(tx, user_id, Event::Revoked, &client, now)?;
            }
            Ok(())
        };
        self.db().write(end).await
    }
}
