//! "This wasn't me": undoes what a notice reported, and locks out whoever did it.

use rand::distr::{Alphanumeric, SampleString};

use super::{
    AccountError, Accounts, Email, api_tokens,
    credentials::{Password, Requester},
    notices, second_factors, throttle,
};
use crate::{
    client::Client,
    clock::Timestamp,
    db::{DbConnection, DbError, Tx},
    mail,
    models::{
        audit::{self, Event},
        one_time_tokens::{self, Purpose},
        user_emails,
        users::{self, User},
    },
    sessions,
};

impl Accounts {
    /// Returns the account to the time before what the notice reported: restores the address that was verified then,
    /// and removes the second factors that were added since. Ends everything that is open, makes the password unusable,
    /// and mails a link to choose a new one to that address.
    pub async fn secure(&self, token: &str, client: Client, now: Timestamp) -> Result<(), AccountError> {
        let (mailer, hash) = (self.mailer()?.clone(), mail::token_hash(token));
        let find = move |connection: &mut DbConnection| one_time_tokens::find(connection, Purpose::Secure, &hash, now);
        let found = self.db().read::<_, DbError, _>(find).await?.ok_or(AccountError::InvalidToken)?;
        // Nobody knows this password.
        let unusable = Alphanumeric.sample_string(&mut rand::rng(), 64);
        let unusable = Password::given(&unusable).ok_or(AccountError::InvalidToken)?;
        let requester = Requester::new(&client, &found.user_id.to_string());
        let password_hash = self.verifier.hasher.hash(unusable, requester).await?;
        let sender = mailer.clone();
        let secure = move |tx: &mut Tx<'_>| {
            let removes_app = found.payload.as_deref() == Some(notices::ADDED_FACTOR);
            let before = found.payload.as_deref().and_then(|email| Email::parse(email).ok());
            if let Some(email) = &before {
                user_emails::lock_address(tx, &email.key)?;
            }
            let user = users::lock_by_id(tx, found.user_id)?.ok_or(AccountError::InvalidToken)?;
            one_time_tokens::consume(tx, Purpose::Secure, &hash, now)?.ok_or(AccountError::InvalidToken)?;
            if let Some(email) = before {
                restore(tx, &user, &email, now)?;
            }
            if removes_app {
                second_factors::remove_app(tx, &user)?;
            }
            // A passkey signs in without the password that this makes unusable. Whoever did what the notice reports may have
            // added it later.
            let removed_passkeys = second_factors::remove_passkeys_since(tx, &user, found.created_at)?;
            if removes_app || removed_passkeys {
                audit::insert(tx, user.id, Event::SecondFactorRemoved, &client, now)?;
            }
            end_everything(tx, &user, &password_hash, &client, now)?;
            // Read again, because the address may have been restored.
            let user = users::find(tx, user.id)?.ok_or(AccountError::InvalidToken)?;
            Ok(sender.enqueue_reset(tx, &user, now)?)
        };
        self.db().write::<_, AccountError, _>(secure).await?;
        mailer.wake();
        Ok(())
    }
}

/// Gives the user the former address, unless somebody else has verified it since.
fn restore(tx: &mut Tx<'_>, user: &User, email: &Email, now: Timestamp) -> Result<(), DbError> {
    let claimants = user_emails::lock_claimants(tx, user.id, &email.key)?;
    let is_other = |claimant: &user_emails::Claimant| {
        claimant.user.id != user.id && claimant.email_key.as_ref() == Some(&email.key)
    };
    if claimants.iter().any(|claimant| is_other(claimant) && claimant.user.is_email_verified()) {
        return Ok(());
    }
    for other in claimants.iter().filter(|claimant| is_other(claimant)) {
        user_emails::drop_unowned(tx, other.user.id)?;
    }
    let verified_at = super::verification::after_previous(user, now);
    user_emails::set_verified(tx, user.id, &email.original, &email.key, verified_at, now)
}

fn end_everything(
    tx: &mut Tx<'_>,
    user: &User,
    password_hash: &str,
    client: &Client,
    now: Timestamp,
) -> Result<(), DbError> {
    users::reset_password(tx, user.id, password_hash, now)?;
    sessions::delete_of_user(tx, user.id)?;
    api_tokens::delete_all(tx, user.id, client, now)?;
    one_time_tokens::delete_of_user(tx, user.id, &[Purpose::VerifyEmail, Purpose::ResetPassword])?;
    throttle::delete_of_user(tx, &user.username)?;
    audit::insert(tx, user.id, Event::PasswordChanged, client, now)
}
