//! The first admin of an empty database, whom `ADMIN_USERNAME` and `ADMIN_PASSWORD` describe.

use std::net::Ipv4Addr;

use crate::{
    accounts::{
        Accounts, Username,
        passwords::{Overloaded, Password, Requester},
    },
    base::{client::Client, clock::Timestamp},
    config::PasswordConfig,
    db::{DbError, Tx, advisory_lock::AdvisoryLock},
    users::{
        self, NewUser, Role, SaveError,
        audit::{self, Event},
    },
};

/// The admin in the settings. The password is not shown by `Debug`.
#[derive(Clone, Debug)]
pub struct FirstAdmin {
    username: Username,
    password: Password,
}

/// A setting that no account could have, by its rules for names and passwords.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} {reason}")]
pub struct InvalidFirstAdmin {
    pub setting: &'static str,
    pub reason: String,
}

#[derive(Debug, thiserror::Error)]
pub enum FirstAdminError {
    #[error(transparent)]
    Save(#[from] SaveError),
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
}

impl FirstAdmin {
    /// Checks the name and the password as at a registration; `None` if the settings name no admin.
    ///
    /// # Errors
    /// A setting is invalid, whether or not the database needs the admin.
    pub fn of(config: &PasswordConfig, has_mail: bool) -> Result<Option<Self>, InvalidFirstAdmin> {
        let Some(settings) = &config.first_admin else { return Ok(None) };
        let invalid = |setting| move |reason: String| InvalidFirstAdmin { setting, reason };
        let username = Username::parse(&settings.username).map_err(invalid("ADMIN_USERNAME"))?;
        if has_mail && username.key.contains('@') {
            return Err(invalid("ADMIN_USERNAME")("must not contain @".to_owned()));
        }
        let password = Password::choose(settings.password(), config.min_length, Some(&username));
        Ok(Some(Self { password: password.map_err(invalid("ADMIN_PASSWORD"))?, username }))
    }
}

impl Accounts {
    /// Adds the admin if there is no user at all, and returns whether it did. Of several nodes that start at once, one does.
    pub async fn add_first_admin(&self, admin: FirstAdmin, now: Timestamp) -> Result<bool, FirstAdminError> {
        // Hashing takes long, and is needed at the first start only.
        if self.db().read(users::exist).await.map_err(SaveError::from)? {
            return Ok(false);
        }
        let FirstAdmin { username, password } = admin;
        let operator =
            Client::new(Ipv4Addr::LOCALHOST.into(), Some("tollgate ADMIN_USERNAME")).with_actor(None, "ADMIN_USERNAME");
        let password_hash = self.verifier.hasher.hash(password, Requester::new(&operator, &username.original)).await?;
        let user = NewUser {
            username: username.original,
            username_key: username.key,
            email: None,
            email_key: None,
            email_verified_at: None,
            unverified_email_key: None,
            password_hash,
            role: Role::Admin,
            is_active: true,
            created_at: now,
            last_seen_at: Some(now),
        };
        let insert = move |tx: &mut Tx<'_>| {
            AdvisoryLock::Admins.acquire(tx)?;
            if users::exist(tx)? {
                return Ok(false);
            }
            let user = users::insert(tx, &user)?;
            audit::insert(tx, user.id, Event::Registered, &operator, now)?;
            Ok::<_, SaveError>(true)
        };
        Ok(self.db().write(insert).await?)
    }

    /// Whether an admin may sign in.
    ///
    /// # Errors
    /// The database is unavailable.
    pub async fn has_admin(&self) -> Result<bool, DbError> {
        self.db().read(users::has_admin).await
    }
}
