//! Accounts of people who sign in without a password: by a message, or with their account at a provider.

use crate::{
    accounts::{AccountError, Username, profile::verification},
    base::{client::Client, clock::Timestamp, email::Email},
    db::{DbError, Tx},
    mail::Mailer,
    users::{
        self, NO_PASSWORD, NewUser, Role, User,
        audit::{self, Event},
        emails::{self, Claimant},
    },
};

/// No user has this id.
pub(super) const NOBODY: i64 = 0;

/// The user who has verified the address.
pub(super) fn owner<'c>(claimants: &'c [Claimant], email: &Email) -> Option<&'c User> {
    let owns = |claimant: &&Claimant| claimant.email_key.as_ref() == Some(&email.key);
    claimants.iter().filter(owns).map(|claimant| &claimant.user).find(|user| user.is_email_verified())
}

/// Makes an account whose owner has verified the address, and takes the address from everybody who has entered it without
/// verifying it.
pub(super) fn create_verified(
    tx: &mut Tx<'_>,
    email: &Email,
    claimants: &[Claimant],
    client: &Client,
    now: Timestamp,
) -> Result<User, AccountError> {
    if !verification::take_from_others(tx, NOBODY, email, claimants)? {
        return Err(AccountError::InvalidToken);
    }
    let user = NewUser {
        email: Some(email.original.clone()),
        email_key: Some(email.key.clone()),
        email_verified_at: Some(now),
        ..without_address(tx, now)?
    };
    let user = users::insert(tx, &user)?;
    audit::insert(tx, user.id, Event::Registered, client, now)?;
    audit::insert(tx, user.id, Event::EmailVerified, client, now)?;
    Ok(user)
}

/// Makes an account with an address that nobody has verified, if there is one. It reserves nothing, as at registration.
pub(super) fn create_unverified(
    tx: &mut Tx<'_>,
    email: Option<&Email>,
    mailer: Option<&Mailer>,
    client: &Client,
    now: Timestamp,
) -> Result<User, AccountError> {
    let mut user = without_address(tx, now)?;
    let mut asks_to_verify = false;
    if let Some(email) = email {
        emails::lock_address(tx, &email.key)?;
        // Without messages, an address that cannot be verified belongs to the first who enters it.
        if mailer.is_some() {
            user.email = Some(email.original.clone());
            user.unverified_email_key = Some(email.key.clone());
            asks_to_verify = emails::find_verified(tx, &email.key)?.is_none();
        } else if users::find_by_email(tx, &email.key)?.is_none() {
            user.email = Some(email.original.clone());
            user.email_key = Some(email.key.clone());
        }
    }
    let user = users::insert(tx, &user)?;
    if let (Some(mailer), Some(email)) = (mailer, email.filter(|_| asks_to_verify)) {
        verification::try_send(tx, mailer, user.id, email, client, now)?;
    }
    audit::insert(tx, user.id, Event::Registered, client, now)?;
    Ok(user)
}

fn without_address(tx: &mut Tx<'_>, now: Timestamp) -> Result<NewUser, DbError> {
    let Username { original, key } = free_username(tx)?;
    Ok(NewUser {
        username: original,
        username_key: key,
        email: None,
        email_key: None,
        email_verified_at: None,
        unverified_email_key: None,
        password_hash: NO_PASSWORD.to_owned(),
        role: Role::User,
        is_active: true,
        created_at: now,
        last_seen_at: Some(now),
    })
}

fn free_username(tx: &mut Tx<'_>) -> Result<Username, DbError> {
    loop {
        let name = Username::random();
        if users::find_credentials(tx, &name.key)?.is_none() {
            return Ok(name);
        }
    }
}
