//! "This wasn't me": undoes what a notice reported, and locks out whoever did it.

use rand::distr::{Alphanumeric, SampleString};

use super::{
    AccountError, Accounts,
    credentials::{Password, Requester},
    notice_links, notices, password_reset, second_factors, verification,
};
use crate::{
    base::{client::Client, clock::Timestamp, email::Email, secrets},
    db::{DbConnection, DbError, Tx},
    mail::{
        Mailer,
        one_time_tokens::{self, Purpose},
    },
    users::{
        User,
        audit::{self, Event},
        emails::{self, Claimant},
    },
};

impl Accounts {
    /// Returns the account to the time before what the notice reported: restores the address that was verified then,
    /// and removes the second factors that were added since. Ends everything that is open, makes the password unusable,
    /// and mails a link to choose a new one to that address.
    pub async fn secure(&self, token: &str, client: Client, now: Timestamp) -> Result<(), AccountError> {
        let (mailer, hash) = (self.mailer()?.clone(), secrets::digest(token));
        let find = move |connection: &mut DbConnection| one_time_tokens::find(connection, Purpose::Secure, &hash, now);
        let found = self.db().read::<_, DbError, _>(find).await?.ok_or(AccountError::InvalidToken)?;
        // Nobody knows this password.
        let unusable = Alphanumeric.sample_string(&mut rand::rng(), 64);
        let unusable = Password::given(&unusable).ok_or(AccountError::InvalidToken)?;
        let requester = Requester::new(&client, &found.user_id.to_string());
        let password_hash = self.verifier.hasher.hash(unusable, requester).await?;
        let sender = mailer.clone();
        let secure = move |tx: &mut Tx<'_>| {
            let before = found.payload.as_deref().and_then(|email| Email::parse(email).ok());
            let before = before.ok_or(AccountError::InvalidToken)?;
            let (user, claimants) = lock(tx, found.user_id, &before)?.ok_or(AccountError::InvalidToken)?;
            one_time_tokens::consume(tx, Purpose::Secure, &hash, now)?.ok_or(AccountError::InvalidToken)?;
            restore(tx, &sender, &user, &claimants, &before, now)?;
            if second_factors::remove_added_since(tx, &user, found.created_at)? {
                audit::insert(tx, user.id, Event::SecondFactorRemoved, &client, now)?;
            }
            password_reset::reset(tx, &user, &password_hash, &client, now)?;
            notice_links::revoke_later(tx, user.id, &found, &before)?;
            Ok(sender.enqueue_reset(tx, &user, before.original, now)?)
        };
        self.db().write::<_, AccountError, _>(secure).await?;
        mailer.wake();
        Ok(())
    }
}

/// Locks the user, together with all others who have entered the address to restore: locking them later would not be in
/// the order of their ids, and could deadlock with a verification.
fn lock(tx: &mut Tx<'_>, user_id: i64, email: &Email) -> Result<Option<(User, Vec<Claimant>)>, DbError> {
    emails::lock_address(tx, &email.key)?;
    let claimants = emails::lock_claimants(tx, user_id, &email.key)?;
    let user = claimants.iter().map(|claimant| &claimant.user).find(|user| user.id == user_id).cloned();
    Ok(user.map(|user| (user, claimants)))
}

/// Gives the user the former address. If somebody else has verified it since, the user is left without one: the current
/// one may belong to whoever did what the notice reports.
fn restore(
    tx: &mut Tx<'_>,
    mailer: &Mailer,
    user: &User,
    claimants: &[Claimant],
    email: &Email,
    now: Timestamp,
) -> Result<(), DbError> {
    let current = user.verified_email();
    if current == Some(&email.original) && user.pending_email.is_none() {
        return Ok(());
    }
    if let Some(current) = current.filter(|current| *current != email.original) {
        notices::send_restored_address(tx, mailer, user.id, current, now)?;
    }
    if !verification::take_from_others(tx, user.id, email, claimants)? {
        return emails::remove(tx, user.id, now);
    }
    emails::set_verified(tx, user.id, &email.original, &email.key, now)
}
