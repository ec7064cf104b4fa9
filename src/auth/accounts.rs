//! Registering and signing in.

use super::{Email, Hasher, Overloaded, Password, Username};
use crate::{
    clock::Timestamp,
    db::{Db, DbError},
    models::users::{self, InsertError, NewUser, User},
};

/// Who wants to register.
#[derive(Debug)]
pub struct Registration {
    /// The name.
    pub username: Username,
    /// The password.
    pub password: Password,
    /// The address, if any.
    pub email: Option<Email>,
}

/// Why somebody could not register.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The name or the address is taken, or the database cannot serve.
    #[error(transparent)]
    Insert(#[from] InsertError),
    /// No room to hash the password.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
}

/// Adds a user. Of any number that want one name at once, one gets it: the database decides.
///
/// # Errors
/// See [`RegisterError`].
pub async fn register(
    db: &Db,
    hasher: &Hasher,
    registration: Registration,
    now: Timestamp,
) -> Result<User, RegisterError> {
    let Registration { username, password, email } = registration;
    let password_hash = hasher.hash(password).await?;
    let (email, email_key) = email.map(|email| (email.shown, email.key)).unzip();
    let user = NewUser {
        username: username.shown,
        username_key: username.key,
        email,
        email_key,
        password_hash,
        created_at: now,
    };
    Ok(db.write(move |connection| users::insert(connection, &user)).await?)
}

/// Why somebody could not sign in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Nobody has this name.
    #[error("no such user")]
    NoSuchUser,
    /// The password is another.
    #[error("wrong password")]
    WrongPassword,
    /// The password is right, but the account is disabled.
    #[error("the account is disabled")]
    Disabled,
    /// No room to hash the password.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// The database cannot serve.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// The user of this name and password. An unknown name takes as long as a wrong password.
///
/// # Errors
/// See [`SignInError`].
pub async fn sign_in(db: &Db, hasher: &Hasher, username: &str, password: &str) -> Result<User, SignInError> {
    let found = match Username::parse(username) {
        Ok(name) => db.read(move |connection| users::find_credentials(connection, &name.key)).await?,
        Err(_) => None,
    };
    let (user, stored) = found.map(|found| (found.user, found.password_hash)).unzip();
    let is_right = match Password::given(password) {
        Some(password) => hasher.verify(password, stored).await?.is_right,
        // As long a time, for a password that no account can have.
        None => hasher.verify(Password::impossible(), None).await?.is_right,
    };
    match user {
        None => Err(SignInError::NoSuchUser),
        Some(_) if !is_right => Err(SignInError::WrongPassword),
        Some(user) if !user.is_active => Err(SignInError::Disabled),
        Some(user) => Ok(user),
    }
}
