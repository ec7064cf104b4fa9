//! Deleting accounts.

use super::username::account_hash;
use crate::{
    accounts::{AccountError, Accounts, Confirmation, limits::throttle, notices},
    base::{client::Client, clock::Timestamp},
    billing::{self, stripe_events},
    credentials::sessions::{self, Principal},
    db::{DbError, Tx},
    mail::MessageKind,
    paywall,
    users::{self, User, activity, audit},
};

impl Accounts {
    /// Deletes the account of a signed-in user and everything that belongs to it, except for the record that an account
    /// was deleted.
    pub async fn delete(
        &self,
        user: &Principal,
        confirmation: Option<Confirmation>,
        client: &Client,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let (sender, mail) = (client.clone(), self.mail.clone());
        let reauthenticated = self.reauthenticate_strictly(user, client, confirmation, now).await?;
        let delete = move |tx: &mut Tx<'_>| {
            // Stripe events acquire this lock before a user's.
            stripe_events::lock(tx)?;
            let user = reauthenticated.finalize(tx)?;
            notices::send(tx, mail.as_ref(), MessageKind::AccountDeleted, &user, &sender, now)?;
            Ok(erase_locked(tx, &user, None, now)?)
        };
        self.db().write::<_, AccountError, _>(delete).await?;
        self.wake_mail();
        Ok(())
    }
}

/// Deletes a user on behalf of an operator, who needs no password. Does nothing if no such user exists.
pub fn erase(tx: &mut Tx<'_>, user_id: i64, operator: &Client, now: Timestamp) -> Result<(), DbError> {
    stripe_events::lock(tx)?;
    match users::lock_by_id(tx, user_id)? {
        Some(user) => erase_locked(tx, &user, Some(operator), now),
        None => Ok(()),
    }
}

/// Deletes the account that has been unused for the longest time, if it was last used before `before`, and returns
/// whether there was one. See [`activity::lock_inactive`] for the accounts that are skipped.
///
/// Each transaction deletes one account, with the same order of locks as any other deletion: several accounts in one
/// transaction could deadlock with reads that are being counted. The lock on Stripe events also keeps two nodes from
/// doing this at the same time.
pub(in crate::accounts) fn erase_inactive(tx: &mut Tx<'_>, before: Timestamp, now: Timestamp) -> Result<bool, DbError> {
    stripe_events::lock(tx)?;
    let inactive = activity::lock_inactive(tx, before, now)?;
    inactive.iter().try_for_each(|user| erase_locked(tx, user, None, now))?;
    Ok(inactive.is_some())
}

/// Each module deletes its own rows first: a transaction that holds a lock on one of them may still want to insert a
/// row that references the user. Deleting the user first would block that insert while it waits for the lock.
fn erase_locked(tx: &mut Tx<'_>, user: &User, operator: Option<&Client>, now: Timestamp) -> Result<(), DbError> {
    throttle::forget(tx, &account_hash(&user.username))?;
    sessions::delete_of_user(tx, user.id)?;
    paywall::delete_of_user(tx, user.id)?;
    billing::delete_of_user(tx, user.id)?;
    // Everything else references the user's row and is deleted with it.
    users::delete(tx, user.id)?;
    audit::insert_deleted(tx, user.id, operator, now)
}
