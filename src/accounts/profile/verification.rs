//! Verifying email addresses. An unverified address reserves nothing: several accounts may have entered it, and
//! whoever verifies it first has it.

use std::time::Duration;

use crate::{
    accounts::{AccountError, Accounts, notices, sign_in::reauthentication::require_session},
    base::{client::Client, clock::Timestamp, email::Email, secrets},
    credentials::sessions::Principal,
    db::{DbError, Tx},
    mail::{
        Limited, Link, Mailer, MessageKind, Outgoing, Payload,
        one_time_tokens::{self, Grant, Purpose},
    },
    users::{
        self, User,
        audit::{self, Event},
        emails::{self, Claimant},
    },
};

/// How long the link in the message is valid.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

impl Accounts {
    /// Sends another message that asks to confirm the user's address.
    pub async fn resend_verification(
        &self,
        user: &Principal,
        client: Client,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let mailer = self.mailer()?.clone();
        let (user_id, session_id, sender) = (user.user_id, user.session_id, mailer.clone());
        let resend = move |tx: &mut Tx<'_>| {
            let user = users::lock_by_id(tx, user_id)?.ok_or(AccountError::SessionEnded)?;
            require_session(tx, session_id, now)?;
            let waiting =
                user.pending_email.clone().or_else(|| user.email.clone().filter(|_| !user.is_email_verified()));
            let waiting = match waiting {
                Some(waiting) => Email::parse(&waiting).map_err(|_| AccountError::NoEmail)?,
                None if user.email.is_some() => return Err(AccountError::AlreadyVerified),
                None => return Err(AccountError::NoEmail),
            };
            emails::set_unverified_key(tx, user_id, &waiting.key)?;
            let sent = send(tx, &sender, user_id, &waiting, &client, now)?;
            sent.map_err(|Limited(until)| AccountError::Throttled(now.until(until)))
        };
        self.db().write(resend).await?;
        mailer.wake();
        Ok(())
    }

    /// Makes the address that the token was sent to the user's own. Others who have entered it without verifying it
    /// lose it.
    ///
    /// # Errors
    /// The token is invalid, or somebody else has verified the address.
    pub async fn verify_email(&self, token: &str, client: Client, now: Timestamp) -> Result<(), AccountError> {
        let (hash, mailer) = (secrets::digest(token), self.mailer()?.clone());
        let sender = mailer.clone();
        let verify = move |tx: &mut Tx<'_>| {
            let found = one_time_tokens::find(tx, Purpose::VerifyEmail, &hash, now)?;
            let Grant { user_id, payload, .. } = found.ok_or(AccountError::InvalidToken)?;
            let email = payload.and_then(|text| Email::parse(&text).ok()).ok_or(AccountError::InvalidToken)?;
            emails::lock_address(tx, &email.key)?;
            // The users are locked before the token, as everywhere: consuming it first could deadlock.
            let claimants = emails::lock_claimants(tx, user_id, &email.key)?;
            one_time_tokens::consume(tx, Purpose::VerifyEmail, &hash, now)?.ok_or(AccountError::InvalidToken)?;
            let before = grant(tx, user_id, &email, &claimants, now)?;
            if let Some(former) =
                before.email.as_deref().filter(|former| *former != email.original && before.is_email_verified())
            {
                for recipient in [former, &email.original] {
                    notices::send_changed_address(tx, &sender, &before, recipient, former, &client, now)?;
                }
            }
            Ok(audit::insert(tx, user_id, Event::EmailVerified, &client, now)?)
        };
        self.db().write::<_, AccountError, _>(verify).await?;
        mailer.wake();
        Ok(())
    }
}

/// Sends a message that asks to confirm an address, unless too many have been requested.
pub(in crate::accounts) fn send(
    tx: &mut Tx<'_>,
    mailer: &Mailer,
    user_id: i64,
    email: &Email,
    client: &Client,
    now: Timestamp,
) -> Result<Result<(), Limited>, DbError> {
    if let Err(limited) = mailer.count_request(tx, MessageKind::Verify, &email.key, client, now)? {
        return Ok(Err(limited));
    }
    let grant = Grant { user_id, payload: Some(email.original.clone()), created_at: now };
    let message = Outgoing {
        kind: MessageKind::Verify,
        user_id: Some(user_id),
        recipient: email.original.clone(),
        // No name: whoever registers with somebody else's address must not choose what they read.
        payload: Payload::default(),
        link: Some(Link { purpose: Purpose::VerifyEmail, grant, expires_at: now.after(LIFETIME) }),
        not_before: None,
    };
    mailer.enqueue(tx, &message, now).map(Ok)
}

/// Like [`send`], for a change that is made in any case: the user can request the message again later.
pub(in crate::accounts) fn try_send(
    tx: &mut Tx<'_>,
    mailer: &Mailer,
    user_id: i64,
    email: &Email,
    client: &Client,
    now: Timestamp,
) -> Result<(), DbError> {
    if send(tx, mailer, user_id, email, client, now)?.is_err() {
        tracing::info!(user_id, "verification message not sent: too many to this address or from this network");
    }
    Ok(())
}

/// Takes the address from everybody else who has entered it. Changes nothing and returns `false` if one of them has
/// verified it.
pub(in crate::accounts) fn take_from_others(
    tx: &mut Tx<'_>,
    user_id: i64,
    email: &Email,
    claimants: &[Claimant],
) -> Result<bool, DbError> {
    let others = || claimants.iter().filter(|claimant| claimant.user.id != user_id);
    let owns = |claimant: &&Claimant| claimant.email_key.as_ref() == Some(&email.key);
    if others().filter(owns).any(|other| other.user.is_email_verified()) {
        return Ok(false);
    }
    for other in others() {
        if owns(&other) {
            emails::drop_unowned(tx, other.user.id)?;
        }
        if other.unverified_email_key.as_ref() == Some(&email.key) {
            emails::drop_unverified(tx, &other.user)?;
        }
    }
    Ok(true)
}

/// Gives the address to the user and takes it from everybody else. Returns the user as it was before.
fn grant(
    tx: &mut Tx<'_>,
    user_id: i64,
    email: &Email,
    claimants: &[Claimant],
    now: Timestamp,
) -> Result<User, AccountError> {
    let own = claimants.iter().find(|claimant| claimant.user.id == user_id).ok_or(AccountError::InvalidToken)?;
    let waiting = own.user.pending_email.as_ref().or(own.user.email.as_ref());
    // The user has changed or removed the address since the message was sent, or somebody else has verified it.
    if waiting != Some(&email.original) || !own.user.is_active {
        return Err(AccountError::InvalidToken);
    }
    if !take_from_others(tx, user_id, email, claimants)? {
        return Err(AccountError::EmailTaken);
    }
    emails::set_verified(tx, user_id, &email.original, &email.key, now)?;
    if own.user.email.as_ref() != Some(&email.original) {
        // The links in messages to the old address must not open the account any more.
        one_time_tokens::delete_of_user(tx, user_id, &[Purpose::ResetPassword])?;
    }
    Ok(own.user.clone())
}
