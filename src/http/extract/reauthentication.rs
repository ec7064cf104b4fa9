//! Whether it is the user who asks for what is sensitive: by a fresh session, or by the password in the request.

use super::current_user::CurrentUser;
use crate::{
    accounts::credentials::{PasswordError, Subject, Verified},
    client::Client,
    clock::Timestamp,
    db::DbConnection,
    http::{error::ApiError, state::AppState},
    models::{
        sessions,
        users::{self, User},
    },
};

/// That the user was there just now.
pub(in crate::http) struct Reauthenticated {
    user_id: i64,
    session_id: i64,
    now: Timestamp,
    /// The password that was right; `None` where the session is fresh.
    password: Option<Box<Verified>>,
}

/// Asks for a fresh session or a password; a password that is sent is checked in any case.
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

/// Asks for the password of who is signed in.
pub(in crate::http) async fn verify(
    state: &AppState,
    user: &CurrentUser,
    client: &Client,
    password: &str,
    now: Timestamp,
) -> Result<Verified, ApiError> {
    state.verifier.verify(Subject::User(user.user_id), password, client, now).await.map_err(error)
}

/// Who is signed in by this session, unless it ended since the gate let the request in: a body may take its time, and so
/// does a hash. To be called in the transaction of what the request is for.
pub(in crate::http) fn still_signed_in(
    connection: &mut DbConnection,
    session_id: i64,
    now: Timestamp,
) -> Result<User, ApiError> {
    sessions::find_live_user(connection, session_id, now)?.ok_or(ApiError::LoginRequired)
}

/// A wrong password is told as one: who asks is signed in, and no failed login. Who is disabled or gone is not any more.
pub(in crate::http) fn error(error: PasswordError) -> ApiError {
    match error {
        PasswordError::NoSuchUser | PasswordError::Disabled => ApiError::LoginRequired,
        PasswordError::Wrong => ApiError::WrongPassword,
        other => other.into(),
    }
}

impl Reauthenticated {
    /// To be called in the transaction of what was asked for; see [`Verified::finalize`].
    pub(in crate::http) fn finalize(self, connection: &mut DbConnection) -> Result<(), ApiError> {
        // Both wait for who changes the user just now, and only then is the session looked at.
        match self.password {
            Some(verified) => drop(verified.finalize(connection).map_err(error)?),
            None => drop(users::lock_by_id(connection, self.user_id)?),
        }
        still_signed_in(connection, self.session_id, self.now).map(drop)
    }
}
