//! Re-authentication for sensitive actions: by a fresh session, by the password, or by a code that is mailed to the user.

use crate::{
    accounts::{
        AccountError, Accounts,
        passwords::{Subject, Verified},
    },
    base::{client::Client, clock::Timestamp, email::Email},
    credentials::sessions::{self, Principal},
    db::{DbConnection, Tx},
    mail::{Guess, Holder, Limited},
    users::{self, NO_PASSWORD, User},
};

/// What a user confirms one action with.
#[expect(missing_debug_implementations, reason = "passwords and codes must not be shown")]
pub enum Confirmation {
    Password(String),
    /// The code that [`Accounts::request_confirmation`] has mailed.
    Code(String),
}

/// Proof of a recent authentication.
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct Reauthenticated {
    user_id: i64,
    session_id: i64,
    now: Timestamp,
    /// `None` if the session is fresh and no password was sent, or a code was.
    password: Option<Box<Verified>>,
}

impl Accounts {
    /// Requires a fresh session or a confirmation. One that was sent is checked even if the session is fresh.
    pub(in crate::accounts) async fn reauthenticate(
        &self,
        user: &Principal,
        client: &Client,
        confirmation: Option<Confirmation>,
        now: Timestamp,
    ) -> Result<Reauthenticated, AccountError> {
        let password = match confirmation {
            Some(Confirmation::Password(password)) => {
                let verified = self.verifier.verify(Subject::User(user.user_id), &password, client, now).await?;
                Some(Box::new(verified))
            }
            Some(Confirmation::Code(code)) => {
                self.spend_code(user, code, now).await?;
                None
            }
            None if user.is_fresh(now) => None,
            None => return Err(AccountError::FreshLoginRequired),
        };
        Ok(Reauthenticated { user_id: user.user_id, session_id: user.session_id, now, password })
    }

    /// As [`Self::reauthenticate`], for actions that need the password even if the session is fresh, unless the account has
    /// none.
    pub(in crate::accounts) async fn reauthenticate_strictly(
        &self,
        user: &Principal,
        client: &Client,
        confirmation: Option<Confirmation>,
        now: Timestamp,
    ) -> Result<Reauthenticated, AccountError> {
        if confirmation.is_none() && self.has_password(user).await? {
            return Err(AccountError::FreshLoginRequired);
        }
        self.reauthenticate(user, client, confirmation, now).await
    }

    /// Whether the user signs in with a password, or only by email.
    pub async fn has_password(&self, user: &Principal) -> Result<bool, AccountError> {
        let user_id = user.user_id;
        let find = move |connection: &mut DbConnection| users::find_credentials_by_id(connection, user_id);
        let found = self.db().read(find).await?.ok_or(AccountError::SessionEnded)?;
        Ok(found.password_hash != NO_PASSWORD)
    }

    /// Mails a code to the user, which confirms one action of this session.
    pub async fn request_confirmation(
        &self,
        user: &Principal,
        client: Client,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let (mailer, user_id, session_id) = (self.mailer()?.clone(), user.user_id, user.session_id);
        let sender = mailer.clone();
        let ask = move |tx: &mut Tx<'_>| {
            let user = users::lock_by_id(tx, user_id)?.ok_or(AccountError::SessionEnded)?;
            require_session(tx, session_id, now)?;
            let email = verified_email(&user)?;
            let sent = sender.send_confirmation(tx, &email, user_id, session_id, &client, now)?;
            sent.map_err(|Limited(until)| AccountError::Throttled(now.until(until)))
        };
        self.db().write(ask).await?;
        mailer.wake();
        Ok(())
    }

    /// Uses up a code. A wrong one is counted, durably, before this returns.
    async fn spend_code(&self, user: &Principal, code: String, now: Timestamp) -> Result<(), AccountError> {
        let Some(mailer) = self.mail.clone() else { return Err(AccountError::IncorrectCode) };
        let (user_id, session_id) = (user.user_id, user.session_id);
        // The inner error is committed, with the count of wrong codes.
        let spend = move |tx: &mut Tx<'_>| {
            let user = users::lock_by_id(tx, user_id)?.ok_or(AccountError::SessionEnded)?;
            let Ok(email) = verified_email(&user) else { return Ok(Err(AccountError::IncorrectCode)) };
            Ok(match mailer.guess(tx, Holder::Session(session_id), &email, &code, now)? {
                Guess::Right(_) => Ok(()),
                Guess::Wrong => Err(AccountError::IncorrectCode),
                Guess::Limited(wait) => Err(AccountError::Throttled(wait)),
            })
        };
        self.db().write::<_, AccountError, _>(spend).await?
    }
}

fn verified_email(user: &User) -> Result<Email, AccountError> {
    let email = user.verified_email().and_then(|email| Email::parse(email).ok());
    email.ok_or(AccountError::NoEmail)
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
