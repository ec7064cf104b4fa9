//! Re-authentication for sensitive requests, by a fresh session or by the password in the request.

use super::current_user::CurrentUser;
use crate::{
    accounts::credentials::{PasswordError, Subject, Verified},
    client::Client,
    clock::Timestamp,
    db::{DbConnection, Tx},
    http::{error::ApiError, state::AppState},
    models::{
        sessions,
        users::{self, User},
    },
};

/// Proof of a recent authentication.
pub(in crate::http) struct Reauthenticated {
    user_id: i64,
    session_id: i64,
    now: Timestamp,
    /// `None` if the session is fresh and no password was sent.
    password: Option<Box<Verified>>,
}

/// Requires a fresh session or the password. A password in the request is checked even if the session is fresh.
pub(in crate::http) async fn reauthenticate(
    state: &AppState,
    user: &CurrentUser,
    client: &Client,
    password: Option<String>,
    now: Timestamp,
) -> Result<Reauthenticated, ApiError> {
    let password = match password {
        Some(password) => Some(Box::new(verify(state, user, client, &password, now).await?)),
        None if user.is_fresh(now) => None,
        None => return Err(ApiError::FreshLoginRequired),
    };
    Ok(Reauthenticated { user_id: user.user_id, session_id: user.session_id, now, password })
}

/// Verifies the password of the signed-in user.
pub(in crate::http) async fn verify(
    state: &AppState,
    user: &CurrentUser,
    client: &Client,
    password: &str,
    now: Timestamp,
) -> Result<Verified, ApiError> {
    state.verifier.verify(Subject::User(user.user_id), password, client, now).await.map_err(error)
}

/// Returns the session's user, or fails if the session has ended since the request was authenticated: receiving the
/// body and hashing the password take time. Call it in the transaction that does the request's work.
pub(in crate::http) fn still_signed_in(
    connection: &mut DbConnection,
    session_id: i64,
    now: Timestamp,
) -> Result<User, ApiError> {
    sessions::find_live_user(connection, session_id, now)?.ok_or(ApiError::LoginRequired)
}

/// Converts an error for a user who is signed in: a wrong password is not a failed login, and a user who has been
/// disabled or deleted is no longer signed in.
pub(in crate::http) fn error(error: PasswordError) -> ApiError {
    match error {
        PasswordError::NoSuchUser | PasswordError::Disabled => ApiError::LoginRequired,
        PasswordError::Wrong => ApiError::WrongPassword,
        other => other.into(),
    }
}

impl Reauthenticated {
    /// Checks again, in the transaction that does the request's work; see [`Verified::finalize`].
    pub(in crate::http) fn finalize(self, tx: &mut Tx<'_>) -> Result<(), ApiError> {
        // Both lock the user's row, and so wait for a concurrent change of the user. The session is checked after that,
        // because the change may have ended it.
        match self.password {
            Some(verified) => drop(verified.finalize(tx).map_err(error)?),
            None => drop(users::lock_by_id(tx, self.user_id)?),
        }
        still_signed_in(tx, self.session_id, self.now).map(drop)
    }
}
