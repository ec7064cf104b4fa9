//! Changing the password of the signed-in user.

use super::{Password, Requester};
use crate::{
    accounts::{AccountError, Accounts, Confirmation, Reauthenticated, limits::quota::Quota, notices},
    base::{client::Client, clock::Timestamp},
    credentials::{
        api_tokens,
        sessions::{self, IssuedSession, Principal, SessionKind, Transport},
    },
    db::Tx,
    mail::MessageKind,
    users::{
        self, User,
        audit::{self, Event},
    },
};

/// A new password, and what else ends with the old one.
#[expect(missing_debug_implementations, reason = "passwords must not be shown")]
pub struct PasswordChange {
    /// `None` if the account has no password and the session is fresh.
    pub current: Option<Confirmation>,
    pub new: Password,
    /// Whether the user's API tokens are deleted, too. Whoever had the old password may have made some.
    pub delete_tokens: bool,
    /// Of the session that replaces the current one.
    pub transport: Transport,
}

impl Accounts {
    /// Changes the password of a signed-in user. All sessions end; the returned one replaces the current one.
    pub async fn change_password(
        &self,
        user: &Principal,
        change: PasswordChange,
        client: Client,
        now: Timestamp,
    ) -> Result<IssuedSession, AccountError> {
        self.verifier.check_changes(user.user_id, now).await?;
        let PasswordChange { current, new, delete_tokens, transport } = change;
        let reauthenticated = self.reauthenticate_strictly(user, &client, current, now).await?;
        let hash = self.verifier.hasher.hash(new, Requester::new(&client, &user.username)).await?;
        let (config, user_id, limits_attempts) = (self.session, user.user_id, self.verifier.limits_attempts);
        let kind = SessionKind { stay_signed_in: user.stay_signed_in, transport };
        let mail = self.mail.clone();
        let change = move |tx: &mut Tx<'_>| {
            let user = set_password(tx, reauthenticated, limits_attempts, &hash, &client, now)?;
            if delete_tokens {
                api_tokens::delete_of_user(tx, user.id)?;
            }
            notices::send(tx, mail.as_ref(), MessageKind::PasswordChanged, &user, &client, now)?;
            Ok(sessions::issue(tx, &config, user_id, kind, None, &client, now)?)
        };
        let issued = self.db().write::<_, AccountError, _>(change).await?;
        self.wake_mail();
        Ok(issued)
    }
}

fn set_password(
    tx: &mut Tx<'_>,
    reauthenticated: Reauthenticated,
    limits_attempts: bool,
    password_hash: &str,
    client: &Client,
    now: Timestamp,
) -> Result<User, AccountError> {
    // Locks the user, if the password is still the same, and before any session: two changes that locked their own
    // sessions first would wait for each other. A session that was ended while the password was hashed must not change
    // anything.
    let user = reauthenticated.finalize(tx)?;
    if limits_attempts && let Some(until) = Quota::Changes.blocked_until(tx, user.id, now)? {
        return Err(AccountError::Throttled(now.until(until)));
    }
    users::set_password(tx, user.id, password_hash, now)?;
    sessions::delete_of_user(tx, user.id)?;
    audit::insert(tx, user.id, Event::PasswordChanged, client, now)?;
    Ok(user)
}
