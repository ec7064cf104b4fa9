//! Changes of an account's username and e-mail address.

use super::{
    AccountError, Accounts, Email, Username,
    quota::Quota,
    throttle::{self, account_hash},
};
use crate::{
    client::Client,
    clock::Timestamp,
    db::{DbConnection, DbError, Tx},
    models::{
        audit::{self, Event},
        failed_passwords,
        users::{self, User, UserChanges},
    },
    sessions::Principal,
};

/// The requested changes; `None` leaves a field as it is.
#[derive(Debug)]
pub struct AccountChange {
    pub username: Option<Username>,
    /// `Some(None)` removes the address.
    pub email: Option<Option<Email>>,
}

impl Accounts {
    /// Changes the username or e-mail address of a signed-in user. A change without effect is neither written nor
    /// audited, and does not count against the quota.
    ///
    /// # Errors
    /// Needs a fresh session or the password; see [`Accounts::reauthenticate`].
    pub async fn change(
        &self,
        user: &Principal,
        change: AccountChange,
        password: Option<String>,
        client: Client,
        now: Timestamp,
    ) -> Result<User, AccountError> {
        let (user_id, is_throttled) = (user.user_id, self.verifier.is_throttled);
        let reauthenticated = self.reauthenticate(user, &client, password, now).await?;
        let from = client.clone();
        let apply = move |tx: &mut Tx<'_>| {
            reauthenticated.finalize(tx)?;
            change.apply(tx, user_id, is_throttled, &from, now)
        };
        let changed = self.db().write(apply).await;
        // A conflict reveals that a name or an address exists, so it counts as a registration attempt. It is counted in
        // a transaction of its own, because the one above has been rolled back. This check is what enforces the limit:
        // no matter how many requests arrive at once, no more than the limit learn of a conflict.
        if matches!(changed, Err(AccountError::UsernameTaken | AccountError::EmailTaken))
            && let Some(wait) = self.count_attempt(client, now).await?
        {
            return Err(AccountError::Throttled(wait));
        }
        changed
    }
}

impl AccountChange {
    /// Applies the changes to a user that is locked, and returns the user.
    fn apply(
        self,
        tx: &mut Tx<'_>,
        user_id: i64,
        is_throttled: bool,
        client: &Client,
        now: Timestamp,
    ) -> Result<User, AccountError> {
        let before = users::find(tx, user_id)?.ok_or(AccountError::SessionEnded)?;
        if self.is_without_effect(&before) {
            return Ok(before);
        }
        if is_throttled && let Some(until) = self.refused_until(tx, &before, client, now)? {
            return Err(AccountError::Throttled(now.until(until)));
        }
        let user = users::update(tx, user_id, &self.into_changes(now))?;
        // Failed attempts follow the account: otherwise, a change of name would reset the limit on password guessing.
        let (before, after) = (account_hash(&before.username), account_hash(&user.username));
        if before != after {
            failed_passwords::rename(tx, &before, &after)?;
        }
        audit::insert(tx, user_id, Event::AccountChanged, client, now)?;
        Ok(user)
    }

    fn is_without_effect(&self, user: &User) -> bool {
        let is_same_name = self.username.as_ref().is_none_or(|name| name.original == user.username);
        let is_same_email =
            self.email.as_ref().is_none_or(|email| email.as_ref().map(|email| &email.original) == user.email.as_ref());
        is_same_name && is_same_email
    }

    fn refused_until(
        &self,
        connection: &mut DbConnection,
        user: &User,
        client: &Client,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, DbError> {
        let changes = Quota::Changes.refused_until(connection, user.id, now)?;
        // A conflict reveals that the name is registered, so this is subject to the same limit as registration.
        let attempts = match self.may_be_taken(user) {
            true => throttle::registrations_refused_until(connection, client, now)?,
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

    fn into_changes(self, now: Timestamp) -> UserChanges {
        let (username, username_key) = self.username.map(|name| (name.original, name.key)).unzip();
        let (email, email_key) = self.email.map(|email| email.map(|email| (email.original, email.key)).unzip()).unzip();
        UserChanges { username, username_key, email, email_key, updated_at: Some(now) }
    }
}
