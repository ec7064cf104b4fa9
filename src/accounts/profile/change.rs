//! Changes of an account's username and email address.

use super::{username::account_hash, verification};
use crate::{
    accounts::{
        AccountError, Accounts, Confirmation, Username,
        limits::{quota::Quota, throttle},
        notices,
    },
    base::{client::Client, clock::Timestamp, email::Email},
    credentials::sessions::Principal,
    db::{DbConnection, DbError, Tx},
    mail::{
        Mailer,
        one_time_tokens::{self, Purpose},
    },
    users::{
        self, User, UserChanges, attempts,
        audit::{self, Event},
        emails,
    },
};

/// The requested changes; `None` leaves a field as it is.
#[derive(Debug, Default)]
pub struct AccountChange {
    pub username: Option<Username>,
    /// `Some(None)` removes the address.
    pub email: Option<Option<Email>>,
}

impl Accounts {
    /// Changes the username or email address of a signed-in user. A change without effect is neither written nor
    /// audited, and does not count against the quota.
    ///
    /// # Errors
    /// Needs a fresh session or a confirmation; see [`Accounts::reauthenticate`].
    pub async fn change(
        &self,
        user: &Principal,
        change: AccountChange,
        confirmation: Option<Confirmation>,
        client: Client,
        now: Timestamp,
    ) -> Result<User, AccountError> {
        let (limits_attempts, mail) = (self.verifier.limits_attempts, self.mail.clone());
        let reauthenticated = self.reauthenticate(user, &client, confirmation, now).await?;
        let from = client.clone();
        let apply = move |tx: &mut Tx<'_>| {
            let before = reauthenticated.finalize(tx)?;
            change.apply(tx, before, limits_attempts, mail.as_ref(), &from, now)
        };
        let changed = self.db().write(apply).await;
        // A conflict reveals that a name or an address exists, so it counts as a registration attempt. It is counted in
        // a transaction of its own, because the one above has been rolled back. This check is what enforces the limit:
        // however many requests arrive at once, only as many as the limit allows learn of a conflict.
        if matches!(changed, Err(AccountError::UsernameTaken | AccountError::EmailTaken))
            && let Some(wait) = self.count_attempt(client, now).await?
        {
            return Err(AccountError::Throttled(wait));
        }
        self.wake_mail();
        changed
    }
}

impl AccountChange {
    /// Applies the changes to a user that is locked, and returns the user.
    pub(in crate::accounts) fn apply(
        self,
        tx: &mut Tx<'_>,
        before: User,
        limits_attempts: bool,
        mail: Option<&Mailer>,
        client: &Client,
        now: Timestamp,
    ) -> Result<User, AccountError> {
        if self.is_without_effect(&before) {
            return Ok(before);
        }
        if limits_attempts && let Some(until) = self.blocked_until(tx, &before, client, now)? {
            return Err(AccountError::Throttled(now.until(until)));
        }
        if mail.is_some() {
            self.check_owner(tx, before.id)?;
        }
        let changes = self.changes(&before, mail.is_some(), now);
        let user = users::update(tx, before.id, &changes)?;
        self.update_tokens(tx, &user, mail, client, now)?;
        if let (Some(mailer), Some(None), Some(former)) = (mail, &self.email, &before.email)
            && before.is_email_verified()
        {
            notices::send_changed_address(tx, mailer, &before, former, former, client, now)?;
        }
        // Failed attempts follow the account: otherwise, a change of name would reset the limit on password guessing.
        let (before, after) = (account_hash(&before.username), account_hash(&user.username));
        if before != after {
            attempts::rename(tx, &before, &after)?;
        }
        audit::insert(tx, user.id, Event::AccountChanged, client, now)?;
        Ok(user)
    }

    pub(in crate::accounts) fn is_without_effect(&self, user: &User) -> bool {
        let is_same_name = self.username.as_ref().is_none_or(|name| name.original == user.username);
        // The address that is in force or, if there is one, the one that is to replace it.
        let current = user.pending_email.as_ref().or(user.email.as_ref());
        let is_same_email =
            self.email.as_ref().is_none_or(|email| email.as_ref().map(|email| &email.original) == current);
        is_same_name && is_same_email
    }

    fn blocked_until(
        &self,
        connection: &mut DbConnection,
        user: &User,
        client: &Client,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, DbError> {
        let changes = Quota::Changes.blocked_until(connection, user.id, now)?;
        // A conflict reveals that the name is registered, so this is subject to the same limit as registration.
        let attempts = match self.may_be_taken(user) {
            true => throttle::registrations_blocked_until(connection, client, now)?,
            false => None,
        };
        Ok(changes.max(attempts))
    }

    fn may_be_taken(&self, user: &User) -> bool {
        let own_email = user.email.as_deref().and_then(|email| Email::parse(email).ok());
        let is_other_name =
            self.username.as_ref().is_some_and(|name| account_hash(&name.original) != account_hash(&user.username));
        let is_other_email =
            self.email.iter().flatten().any(|email| own_email.as_ref().is_none_or(|own| own.key != email.key));
        is_other_name || is_other_email
    }

    /// An address that somebody else has verified is taken.
    fn check_owner(&self, tx: &mut Tx<'_>, user_id: i64) -> Result<(), AccountError> {
        let Some(Some(email)) = &self.email else { return Ok(()) };
        match emails::find_verified(tx, &email.key)? {
            Some(owner) if owner.user.id != user_id => Err(AccountError::EmailTaken),
            _ => Ok(()),
        }
    }

    /// The new values. If an address can be verified, it does not take effect before that.
    fn changes(&self, before: &User, is_verifiable: bool, now: Timestamp) -> UserChanges {
        let (username, username_key) = self.username.clone().map(|name| (name.original, name.key)).unzip();
        let names = UserChanges { username, username_key, updated_at: Some(now), ..UserChanges::default() };
        match &self.email {
            None => names,
            Some(Some(email)) if is_verifiable => {
                let is_current = before.email.as_ref() == Some(&email.original);
                let is_verified = is_current && before.is_email_verified();
                UserChanges {
                    pending_email: Some((!is_current).then(|| email.original.clone())),
                    unverified_email_key: Some((!is_verified).then(|| email.key.clone())),
                    ..names
                }
            }
            Some(email) => {
                let (email, email_key) = email.clone().map(|email| (email.original, email.key)).unzip();
                UserChanges {
                    email: Some(email),
                    email_key: Some(email_key),
                    email_verified_at: Some(None),
                    pending_email: Some(None),
                    unverified_email_key: Some(None),
                    ..names
                }
            }
        }
    }

    /// Ends the links to addresses that the account no longer has, and sends one to the new address.
    fn update_tokens(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        mail: Option<&Mailer>,
        client: &Client,
        now: Timestamp,
    ) -> Result<(), DbError> {
        let Some(email) = &self.email else { return Ok(()) };
        one_time_tokens::delete_of_user(tx, user.id, &[Purpose::VerifyEmail])?;
        if !user.is_email_verified() {
            one_time_tokens::delete_of_user(tx, user.id, &[Purpose::ResetPassword])?;
        }
        let is_waiting = user.pending_email.is_some() || !user.is_email_verified();
        match (mail, email) {
            (Some(mailer), Some(email)) if is_waiting => {
                verification::try_send(tx, mailer, user.id, email, client, now)
            }
            _ => Ok(()),
        }
    }
}
