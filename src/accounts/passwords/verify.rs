//! The single place where passwords are verified: at login, and for re-authentication.

use std::time::Duration;

use super::{Hasher, Overloaded, Password};
use crate::{
    accounts::{
        Username,
        limits::{
            quota::{Quota, first_step_blocked_until},
            throttle::{Attempt, Counted},
        },
    },
    base::{client::Client, clock::Timestamp, email::Email},
    db::{Db, DbConnection, DbError, Tx},
    users::{
        self, Credentials, NO_PASSWORD, User,
        audit::{self, Event},
        emails,
    },
};

/// The user whose password is verified.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A user who wants to sign in.
    Name {
        name: String,
        /// Accounts that this browser has signed in to before.
        known_accounts: Vec<i64>,
    },
    /// A user who is signed in.
    User(i64),
}

/// Why a password was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// No account has this name.
    #[error("no such user")]
    NoSuchUser,
    #[error("wrong password")]
    Wrong,
    /// Too many wrong passwords, sign-ins or changes. Contains the time until another attempt is allowed.
    #[error("too many attempts")]
    Throttled(Duration),
    /// The password is right, but the account is disabled.
    #[error("the account is disabled")]
    Disabled,
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Verifies passwords within the limits of throttling.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the database handle does not implement it")]
pub struct Verifier {
    pub db: Db,
    pub hasher: Hasher,
    /// Whether failures are counted.
    pub limits_attempts: bool,
    /// Whether a verified email address is accepted as a name.
    pub accepts_email: bool,
}

/// A password that was right when it was checked. It takes effect only with [`Verified::finalize`].
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct Verified {
    user_id: i64,
    password_version: i64,
    /// A hash of the same password in the current format, if the stored one is outdated.
    new_hash: Option<String>,
    attempt: Attempt,
}

impl Verifier {
    /// Verifies a password. A wrong password is counted, durably, before this returns. An unknown name takes as long
    /// and is counted in the same way.
    pub async fn verify(
        &self,
        subject: Subject,
        password: &str,
        client: &Client,
        now: Timestamp,
    ) -> Result<Verified, PasswordError> {
        let (is_counted, accepts_email, sender) = (self.limits_attempts, self.accepts_email, client.clone());
        let prepare = move |connection: &mut _| prepare(connection, subject, accepts_email, &sender, is_counted, now);
        let (found, attempt) = self.db.read(prepare).await?;
        let (found, stored) = found.map(|found| ((found.user.id, found.password_version), found.password_hash)).unzip();
        // Checking takes as long without a hash.
        let stored = stored.filter(|stored| stored != NO_PASSWORD);
        let verdict = match Password::given(password) {
            Some(password) => self.hasher.verify(password, stored, attempt.requester()).await?,
            // No account can have this password; the check takes as long nevertheless.
            None => self.hasher.verify(Password::impossible(), None, attempt.requester()).await?,
        };
        match found {
            Some((user_id, password_version)) if verdict.is_right => {
                Ok(Verified { user_id, password_version, new_hash: verdict.new_hash, attempt })
            }
            found => Err(self.fail(attempt, found.map(|(user_id, _)| user_id), client.clone()).await?),
        }
    }

    /// Looks for stored hashes that are more expensive than those created here, so that guessing their passwords takes
    /// no longer than guessing any other. Only the costs of bcrypt hashes can be compared without computing them; other
    /// kinds are mostly cheaper.
    pub async fn look_for_costly_hashes(&self) -> Result<(), DbError> {
        let highest = self.db.read(users::highest_bcrypt_cost).await?;
        if let Some(cost) = highest.and_then(|cost| cost.parse().ok()) {
            self.hasher.raise_minimum_cost(cost);
        }
        Ok(())
    }

    /// Refuses a change of password that exceeds the quota, before two passwords are hashed for it.
    pub async fn check_changes(&self, user_id: i64, now: Timestamp) -> Result<(), PasswordError> {
        if !self.limits_attempts {
            return Ok(());
        }
        let check = move |connection: &mut _| Quota::Changes.blocked_until(connection, user_id, now);
        match self.db.read(check).await? {
            Some(until) => Err(PasswordError::Throttled(now.until(until))),
            None => Ok(()),
        }
    }

    /// Counts a failure and returns the error to report.
    async fn fail(&self, attempt: Attempt, user_id: Option<i64>, client: Client) -> Result<PasswordError, DbError> {
        let now = attempt.now;
        let count = move |tx: &mut Tx<'_>| {
            let counted = attempt.count(tx)?;
            if let (Some(user_id), Counted::Yes { is_last }) = (user_id, counted) {
                audit::insert(tx, user_id, Event::Failed, &client, now)?;
                if is_last {
                    audit::insert(tx, user_id, Event::Throttled, &client, now)?;
                }
            }
            Ok::<_, DbError>(counted)
        };
        let counted = match self.db.write(count).await {
            // The account was deleted while its password was hashed.
            Err(DbError::MissingReference(_)) => return Ok(PasswordError::NoSuchUser),
            counted => counted?,
        };
        Ok(match counted {
            Counted::BlockedUntil(until) => PasswordError::Throttled(now.until(until)),
            Counted::Yes { .. } if user_id.is_none() => PasswordError::NoSuchUser,
            Counted::Yes { .. } => PasswordError::Wrong,
        })
    }
}

/// Finds the user, if another attempt is allowed.
fn prepare(
    connection: &mut DbConnection,
    subject: Subject,
    accepts_email: bool,
    client: &Client,
    is_counted: bool,
    now: Timestamp,
) -> Result<(Option<Credentials>, Attempt), PasswordError> {
    let is_sign_in = matches!(subject, Subject::Name { .. });
    let (found, name, is_known) = match subject {
        Subject::Name { name, known_accounts } => {
            let found = find(connection, &name, accepts_email)?;
            let is_known = found.as_ref().is_some_and(|found| known_accounts.contains(&found.user.id));
            // Attempts by the address count like those by the name.
            let name = match &found {
                Some(found) => found.user.username.clone(),
                None => normalized(name, accepts_email),
            };
            (found, name, is_known)
        }
        Subject::User(id) => {
            let found = users::find_credentials_by_id(connection, id)?.ok_or(PasswordError::NoSuchUser)?;
            let name = found.user.username.clone();
            (Some(found), name, true)
        }
    };
    let attempt = Attempt::new(&name, client, is_known, is_counted, now);
    let mut blocked_until = attempt.blocked_until(connection)?;
    if let Some(found) = found.as_ref().filter(|_| is_counted && is_sign_in) {
        blocked_until = blocked_until.max(first_step_blocked_until(connection, found.user.id, is_known, now)?);
    }
    match blocked_until {
        Some(until) => Err(PasswordError::Throttled(now.until(until))),
        None => Ok((found, attempt)),
    }
}

/// The form under which failures for a name or address without an account are counted. All spellings of an account's address
/// share one counter, and so must those of any other: otherwise the limit tells which addresses have an account.
fn normalized(name: String, accepts_email: bool) -> String {
    match Email::parse(&name) {
        Ok(email) if accepts_email => email.key,
        _ => name,
    }
}

/// Finds the user by the name or, if nobody has it, by the address.
fn find(connection: &mut DbConnection, name: &str, accepts_email: bool) -> Result<Option<Credentials>, DbError> {
    if let Some(key) = Username::lookup_key(name)
        && let Some(found) = users::find_credentials(connection, &key)?
    {
        return Ok(Some(found));
    }
    match Email::parse(name) {
        Ok(email) if accepts_email => emails::find_verified(connection, &email.key),
        _ => Ok(None),
    }
}

impl Verified {
    /// Returns the user, whose row is locked until the end of the transaction. Clears the failures of this network, and
    /// replaces an outdated hash.
    ///
    /// # Errors
    /// The account is disabled, its password has been changed since, or too many wrong passwords were counted since: of
    /// several attempts made at the same time, even the right one must not be revealed.
    pub fn finalize(self, tx: &mut Tx<'_>) -> Result<User, PasswordError> {
        if let Some(until) = self.attempt.blocked_until(tx)? {
            return Err(PasswordError::Throttled(self.attempt.now.until(until)));
        }
        let user = users::lock(tx, self.user_id, self.password_version)?.ok_or(PasswordError::Wrong)?;
        if !user.is_active {
            return Err(PasswordError::Disabled);
        }
        self.attempt.clear(tx)?;
        if let Some(new_hash) = &self.new_hash {
            users::replace_hash(tx, self.user_id, self.password_version, new_hash)?;
        }
        Ok(user)
    }

    /// Finalizes a sign-in, which the caller records in the audit once it is complete.
    ///
    /// # Errors
    /// See [`Verified::finalize`]; also if there were too many sign-ins.
    pub fn sign_in(self, tx: &mut Tx<'_>) -> Result<User, PasswordError> {
        let (is_counted, is_known, now) = (self.attempt.is_counted, self.attempt.is_known_browser, self.attempt.now);
        // This locks the user, so that simultaneous sign-ins are counted one after another.
        let user = self.finalize(tx)?;
        if is_counted && let Some(until) = first_step_blocked_until(tx, user.id, is_known, now)? {
            return Err(PasswordError::Throttled(now.until(until)));
        }
        Ok(user)
    }

    pub(in crate::accounts) fn password_version(&self) -> i64 {
        self.password_version
    }
}
