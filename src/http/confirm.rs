//! Whether it is the user who asks for what is sensitive: by a fresh session, or by the password in the request.

use super::{current_user::CurrentUser, error::ApiError, state::AppState};
use crate::{
    auth::{PasswordError, Subject, Verified},
    client::Client,
    clock::Timestamp,
    db::DbConnection,
};

/// That the user was there just now.
pub(super) enum Confirmed {
    /// The session is fresh.
    BySession,
    /// The password was right.
    ByPassword(Box<Verified>),
}

/// Asks for a fresh session or a password; a password that is sent is checked in any case.
pub(super) async fn confirm(
    state: &AppState,
    user: &CurrentUser,
    client: &Client,
    password: Option<String>,
    now: Timestamp,
) -> Result<Confirmed, ApiError> {
    match password {
        Some(password) => {
            let verified = verify(state, user, client, &password, now).await?;
            Ok(Confirmed::ByPassword(Box::new(verified)))
        }
        None if user.is_fresh(now) => Ok(Confirmed::BySession),
        None => Err(ApiError::FreshLoginRequired),
    }
}

/// Asks for the password of who is signed in.
pub(super) async fn verify(
    state: &AppState,
    user: &CurrentUser,
    client: &Client,
    password: &str,
    now: Timestamp,
) -> Result<Verified, ApiError> {
    state.verifier.verify(Subject::User(user.user_id), password, client, now).await.map_err(error)
}

/// A wrong password is told as one: who asks is signed in, and no failed login.
pub(super) fn error(error: PasswordError) -> ApiError {
    match error {
        PasswordError::NoSuchUser => ApiError::LoginRequired,
        PasswordError::Wrong => ApiError::WrongPassword,
        other => other.into(),
    }
}

impl Confirmed {
    /// To be called in the transaction of what was asked for; see [`Verified::settle`].
    pub(super) fn settle(self, connection: &mut DbConnection) -> Result<(), ApiError> {
        match self {
            Self::BySession => Ok(()),
            Self::ByPassword(verified) => verified.settle(connection).map(drop).map_err(error),
        }
    }
}
