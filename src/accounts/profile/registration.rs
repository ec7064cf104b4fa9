//! Registering users.

use std::time::Duration;

use super::verification;
use crate::{
    accounts::{
        Accounts, Username,
        limits::throttle,
        passwords::{Overloaded, Password, Requester},
    },
    base::{client::Client, clock::Timestamp, email::Email},
    db::{DbError, Tx},
    users::{
        self, NewUser, Role, SaveError, User,
        audit::{self, Event},
        emails,
    },
};

#[derive(Debug)]
pub struct Registration {
    pub username: Username,
    pub password: Password,
    pub email: Option<Email>,
    pub role: Role,
}

#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error(transparent)]
    Save(#[from] SaveError),
    /// Too many registrations from this network. Contains the time until another is allowed.
    #[error("too many registrations")]
    Throttled(Duration),
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
}

impl Accounts {
    /// Adds a user. If several requests want the same name at the same time, the unique index lets only one have it.
    pub async fn register(
        &self,
        registration: Registration,
        client: Client,
        now: Timestamp,
    ) -> Result<User, RegisterError> {
        // Counted before the password is hashed, which is the expensive part.
        if let Some(wait) = self.count_attempt(client.clone(), now).await.map_err(SaveError::from)? {
            return Err(RegisterError::Throttled(wait));
        }
        let Registration { username, password, email, role } = registration;
        let requester = Requester::new(&client, &username.original);
        let password_hash = self.verifier.hasher.hash(password, requester).await?;
        let (address, key) = email.clone().map(|email| (email.original, email.key)).unzip();
        // An address that can be verified belongs to whoever does that; otherwise to the first who enters it.
        let (email_key, unverified_email_key) = if self.mail.is_some() { (None, key) } else { (key, None) };
        let user = NewUser {
            username: username.original,
            username_key: username.key,
            email: address,
            email_key,
            email_verified_at: None,
            unverified_email_key,
            password_hash,
            role,
            is_active: true,
            created_at: now,
            last_seen_at: Some(now),
        };
        let mail = self.mail.clone();
        let insert = move |tx: &mut Tx<'_>| {
            if let Some(email) = email.as_ref().filter(|_| mail.is_some())
                && emails::find_verified(tx, &email.key)?.is_some()
            {
                return Err(SaveError::EmailTaken);
            }
            let user = users::insert(tx, &user)?;
            if let (Some(mailer), Some(email)) = (&mail, &email) {
                verification::try_send(tx, mailer, user.id, email, &client, now)?;
            }
            audit::insert(tx, user.id, Event::Registered, &client, now)?;
            Ok::<_, SaveError>(user)
        };
        let user = self.db().write(insert).await?;
        self.wake_mail();
        Ok(user)
    }

    /// Counts an attempt to use a name or an address, which reveals whether it is taken. If the limit is reached,
    /// returns the time until another attempt is allowed.
    pub(in crate::accounts) async fn count_attempt(
        &self,
        client: Client,
        now: Timestamp,
    ) -> Result<Option<Duration>, DbError> {
        if !self.verifier.limits_attempts {
            return Ok(None);
        }
        let count = move |tx: &mut Tx<'_>| throttle::count_registration(tx, &client, now);
        Ok(self.db().write(count).await?.map(|until| now.until(until)))
    }
}
