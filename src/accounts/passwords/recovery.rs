//! Resetting a forgotten password by a link that is mailed to the verified address.

use super::{Password, Requester};
use crate::{
    accounts::{AccountError, Accounts, api_tokens, notices, profile::username::account_hash},
    base::{client::Client, clock::Timestamp, email::Email, secrets},
    credentials::sessions,
    db::{DbConnection, DbError, Tx},
    mail::{
        self, Limited, MessageKind, Outgoing, Payload,
        one_time_tokens::{self, Purpose},
    },
    users::{
        self, User,
        attempts::{self, AttemptKind},
        audit::{self, Event},
    },
};

impl Accounts {
    /// Asks for a reset of the password of an address. Whether the address belongs to anybody is looked up in the
    /// background, so that this does the same for any address.
    pub async fn forgot_password(&self, email: Email, client: Client, now: Timestamp) -> Result<(), AccountError> {
        let mailer = self.mailer()?.clone();
        let request = {
            let mailer = mailer.clone();
            move |tx: &mut Tx<'_>| {
                let counted = mailer.count_request(tx, MessageKind::ResetRequest, &email.key, &client, now)?;
                counted.map_err(|Limited(until)| AccountError::Throttled(now.until(until)))?;
                let message = Outgoing {
                    kind: MessageKind::ResetRequest,
                    user_id: None,
                    recipient: email.original,
                    payload: Payload { email_key: Some(email.key), ..Payload::default() },
                    link: None,
                    not_before: None,
                };
                Ok::<_, AccountError>(mailer.enqueue(tx, &message, now)?)
            }
        };
        self.db().write(request).await?;
        mailer.wake();
        Ok(())
    }

    /// The user whose password the token resets. Does not use up the token.
    pub async fn find_reset(&self, token: &str, now: Timestamp) -> Result<User, AccountError> {
        let hash = secrets::digest(token);
        let find = move |connection: &mut DbConnection| {
            let grant = one_time_tokens::find(connection, Purpose::ResetPassword, &hash, now)?;
            let user = grant.map(|grant| users::find(connection, grant.user_id)).transpose()?.flatten();
            user.filter(|user| user.is_active).ok_or(AccountError::InvalidToken)
        };
        self.db().read(find).await
    }

    /// Sets the password of the user that [`Self::find_reset`] has found. Everything that the old password or other
    /// links have opened ends; no session is opened.
    pub async fn reset_password(
        &self,
        token: &str,
        user: &User,
        password: Password,
        client: Client,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let password_hash = self.verifier.hasher.hash(password, Requester::new(&client, &user.username)).await?;
        let (hash, user_id, mail) = (secrets::digest(token), user.id, self.mail.clone());
        let reset = move |tx: &mut Tx<'_>| {
            // The user is locked before the token, as everywhere: consuming it first could deadlock.
            let user = users::lock_by_id(tx, user_id)?.filter(|user| user.is_active);
            let user = user.ok_or(AccountError::InvalidToken)?;
            let grant = one_time_tokens::consume(tx, Purpose::ResetPassword, &hash, now)?;
            grant.filter(|grant| grant.user_id == user_id).ok_or(AccountError::InvalidToken)?;
            reset(tx, &user, &password_hash, &client, now)?;
            Ok(notices::send(tx, mail.as_ref(), MessageKind::PasswordChanged, &user, &client, now)?)
        };
        self.db().write::<_, AccountError, _>(reset).await?;
        self.wake_mail();
        Ok(())
    }
}

/// Stores the hash of a new password for a locked user, and ends everything that the old password or a link in a
/// message gave access to: sessions, trusted browsers, API tokens and links. Wrong passwords no longer count.
///
/// The links of notices stay valid: whoever set the password may be the intruder that a notice warned about.
pub(in crate::accounts) fn reset(
    tx: &mut Tx<'_>,
    user: &User,
    password_hash: &str,
    client: &Client,
    now: Timestamp,
) -> Result<(), DbError> {
    users::set_password(tx, user.id, password_hash, now)?;
    sessions::delete_of_user(tx, user.id)?;
    api_tokens::delete_all(tx, user.id, client, now)?;
    one_time_tokens::delete_of_user(tx, user.id, &[Purpose::VerifyEmail, Purpose::ResetPassword])?;
    if let Some(email) = user.verified_email().and_then(|email| Email::parse(email).ok()) {
        mail::void_sign_ins(tx, &email, now)?;
    }
    // Wrong codes still count. Otherwise, someone who can only read the mailbox could go on guessing the second factor.
    attempts::delete(tx, AttemptKind::WrongPassword, &account_hash(&user.username), None)?;
    audit::insert(tx, user.id, Event::PasswordReset, client, now)
}
