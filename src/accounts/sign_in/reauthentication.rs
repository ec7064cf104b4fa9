//! Re-authentication for sensitive actions, by a fresh session or by the password.

use crate::{
    accounts::{
        AccountError, Accounts,
        passwords::{Subject, Verified},
    },
    base::{client::Client, clock::Timestamp},
    credentials::sessions::{self, Principal},
    db::Tx,
    users::{self, User},
};

/// Proof of a recent authentication.
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct Reauthenticated {
    user_id: i64,
    session_id: i64,
    now: Timestamp,
    /// `None` if the session is fresh and no password was sent.
    password: Option<Box<Verified>>,
}

impl Accounts {
    /// Requires a fresh session or the password. A password that was sent is checked even if the session is fresh.
    pub(in crate::accounts) async fn reauthenticate(
        &self,
        user: &Principal,
        client: &Client,
        password: Option<String>,
        now: Timestamp,
    ) -> Result<Reauthenticated, AccountError> {
        let password = match password {
            Some(password) => Some(Box::new(self.verify_own(user, &password, client, now).await?)),
            None if user.is_fresh(now) => None,
            None => return Err(AccountError::FreshLoginRequired),
        };
        Ok(Reauthenticated { user_id: user.user_id, session_id: user.session_id, now, password })
    }

    /// Verifies the password of the signed-in user.
    pub(in crate::accounts) async fn verify_own(
        &self,
        user: &Principal,
        password: &str,
        client: &Client,
        now: Timestamp,
    ) -> Result<Verified, AccountError> {
        Ok(self.verifier.verify(Subject::User(user.user_id), password, client, now).await?)
    }
}

impl Reauthenticated {
    /// Checks again, in the transaction that performs the action; see [`Verified::finalize`]. Returns the user, whose
    /// row is locked until the end of the transaction.
    pub(in crate::accounts) fn finalize(self, tx: &mut Tx<'_>) -> Result<User, AccountError> {
        // Both wait for a concurrent change of the user. The session is checked after that, because the change may have
        // ended it.
        let user = match self.password {
            Some(verified) => verified.finalize(tx)?,
            None => users::lock_by_id(tx, self.user_id)?.ok_or(AccountError::SessionEnded)?,
        };
        require_session(tx, self.session_id, self.now)?;
        Ok(user)
    }
}

/// Fails if the session has ended since the request was authenticated.
pub(in crate::accounts) fn require_session(
    tx: &mut Tx<'_>,
    session_id: i64,
    now: Timestamp,
) -> Result<(), AccountError> {
    match sessions::find_live_user(tx, session_id, now)? {
        Some(_) => Ok(()),
        None => Err(AccountError::SessionEnded),
    }
}
