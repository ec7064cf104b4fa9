//! Import of the users of another program.

pub(crate) mod existing_users;

use std::collections::HashSet;

pub use self::existing_users::{Conflict, ExistingUsers};
use crate::{
    accounts::{
        Username,
        passwords::{Unusable, hashing::hash},
    },
    base::{client::Client, clock::Timestamp, email::Email},
    db::{DbConnection, DbError, Tx},
    users::{
        NewUser, Role,
        audit::{self, Event},
        imported::{self, Keys},
    },
};

/// A user of another program.
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct ForeignUser {
    pub username: Username,
    pub email: Option<Email>,
    /// Whether the other program has verified the address.
    pub email_verified: bool,
    /// What the other program stored instead of the password.
    pub password_hash: String,
    pub role: Role,
    pub is_active: bool,
    /// When the user registered with the other program.
    pub created_at: Timestamp,
}

/// The result of importing a user, or of a dry run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Imported,
    Conflict(Conflict),
}

/// Builds the row of a user, if the password hash can be verified by a server that hashes with this cost.
///
/// # Errors
/// A message for people that says what is wrong with the hash.
pub fn checked(user: ForeignUser, cost: u32) -> Result<NewUser, Unusable> {
    let ForeignUser { username, email, email_verified, password_hash, role, is_active, created_at } = user;
    let password_hash = strip_django_prefix(password_hash);
    hash::check(&password_hash, cost)?;
    let email_verified_at = (email.is_some() && email_verified).then_some(created_at);
    let (email, email_key) = email.map(|email| (email.original, email.key)).unzip();
    let (username, username_key) = (username.original, username.key);
    Ok(NewUser {
        username,
        username_key,
        email,
        email_key,
        email_verified_at,
        unverified_email_key: None,
        password_hash,
        role,
        is_active,
        created_at,
        last_seen_at: None,
    })
}

/// Removes the name of Django's hasher, which Django writes in front of the hashes that the bcrypt and Argon2 libraries
/// return. The rest is verified and replaced like any other hash. Django's `bcrypt_sha256` is left alone, because it is
/// bcrypt of a digest.
fn strip_django_prefix(stored: String) -> String {
    let bare = stored.strip_prefix("bcrypt$").filter(|bare| bare.starts_with("$2"));
    let bare = bare.or_else(|| stored.strip_prefix("argon2").filter(|bare| bare.starts_with("$argon2")));
    bare.map(str::to_owned).unwrap_or(stored)
}

/// Adds users independently of each other: one that cannot be added does not affect the rest. Returns the outcome for
/// each user, in order.
pub fn import(tx: &mut Tx<'_>, users: &[NewUser], operator: &Client, now: Timestamp) -> Result<Vec<Outcome>, DbError> {
    let mut outcomes = vec![None; users.len()];
    // Usually one pass is enough. A conflicting user may be deleted before the conflict is looked up; the import is
    // then tried again.
    while outcomes.contains(&None) {
        let open: Vec<_> =
            users.iter().zip(&outcomes).filter(|(_, known)| known.is_none()).map(|(user, _)| user).collect();
        let added = imported::insert(tx, &open)?;
        let ids: Vec<_> = added.iter().map(|(id, _)| *id).collect();
        audit::insert_of_many(tx, &ids, Event::Registered, operator, now)?;
        let mut added: HashSet<_> = added.into_iter().map(|(_, keys)| keys).collect();
        let is_complete = added.len() == open.len();
        let existing = ExistingUsers::of(&if is_complete { Vec::new() } else { imported::find(tx, &open)? });
        for (user, outcome) in users.iter().zip(&mut outcomes).filter(|(_, outcome)| outcome.is_none()) {
            // Of two identical users, the first is the one that was added.
            *outcome = if added.remove(&Keys::from(user)) {
                Some(Outcome::Imported)
            } else {
                existing.conflict_with(user).map(Outcome::Conflict)
            };
        }
    }
    Ok(outcomes.into_iter().flatten().collect())
}

/// Returns the outcomes that an import would have, taking into account the users of earlier calls. Nothing is written.
pub fn dry_run(
    connection: &mut DbConnection,
    users: &[NewUser],
    existing: &mut ExistingUsers,
) -> Result<Vec<Outcome>, DbError> {
    let all: Vec<_> = users.iter().collect();
    imported::find(connection, &all)?.iter().for_each(|keys| existing.add(keys));
    let outcome = |user: &NewUser| match existing.conflict_with(user) {
        Some(conflict) => Outcome::Conflict(conflict),
        None => {
            existing.add(&Keys::from(user));
            Outcome::Imported
        }
    };
    Ok(users.iter().map(outcome).collect())
}
