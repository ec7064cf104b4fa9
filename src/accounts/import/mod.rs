//! Bringing along the users of another program.

pub(crate) mod existing_users;

use std::collections::HashSet;

pub use self::existing_users::{Conflict, ExistingUsers};
use super::{
    Email, Username,
    credentials::{Unusable, hash},
};
use crate::{
    client::Client,
    clock::Timestamp,
    db::{DbConnection, DbError},
    models::{
        audit::{self, Event},
        imported_users::{self, Keys},
        users::{NewUser, Role},
    },
};

/// A user as another program kept one.
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct ForeignUser {
    /// The name.
    pub username: Username,
    /// The address, if any.
    pub email: Option<Email>,
    /// What was stored instead of the password.
    pub password_hash: String,
    /// What the user may do.
    pub role: Role,
    /// Whether the user may sign in.
    pub is_active: bool,
    /// When the user registered there.
    pub created_at: Timestamp,
}

/// What came of a user, or would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The user is here now.
    Imported,
    /// Something is in the way.
    Conflict(Conflict),
}

/// The row of a user, where a password can be held against the hash and a hash made here has this cost.
///
/// # Errors
/// What is wrong with the hash, for people.
pub fn checked(user: ForeignUser, cost: u32) -> Result<NewUser, Unusable> {
    let ForeignUser { username, email, password_hash, role, is_active, created_at } = user;
    let password_hash = without_djangos_name(password_hash);
    hash::check(&password_hash, cost)?;
    let (email, email_key) = email.map(|email| (email.original, email.key)).unzip();
    let (username, username_key) = (username.original, username.key);
    let last_seen_at = None;
    Ok(NewUser { username, username_key, email, email_key, password_hash, role, is_active, created_at, last_seen_at })
}

/// Without the name of its hasher, which Django writes before what the libraries of bcrypt and Argon2 give it: what is left
/// is verified and replaced like any other. Its `bcrypt_sha256` stays: that is bcrypt of a digest.
fn without_djangos_name(stored: String) -> String {
    let bare = stored.strip_prefix("bcrypt$").filter(|bare| bare.starts_with("$2"));
    let bare = bare.or_else(|| stored.strip_prefix("argon2").filter(|bare| bare.starts_with("$argon2")));
    bare.map(str::to_owned).unwrap_or(stored)
}

/// Adds users, each by itself: one that cannot be added keeps no other one away. What came of each, in their order.
///
/// # Errors
/// The database cannot serve, and nobody was added.
pub fn import(
    connection: &mut DbConnection,
    users: &[NewUser],
    operator: &Client,
    now: Timestamp,
) -> Result<Vec<Outcome>, DbError> {
    let mut outcomes = vec![None; users.len()];
    // Once, mostly. Who is in the way of a user may be gone before that is looked at, and then the user is tried again.
    while outcomes.contains(&None) {
        let open: Vec<_> =
            users.iter().zip(&outcomes).filter(|(_, known)| known.is_none()).map(|(user, _)| user).collect();
        let added = imported_users::insert(connection, &open)?;
        let ids: Vec<_> = added.iter().map(|(id, _)| *id).collect();
        audit::insert_of_many(connection, &ids, Event::Registered, operator, now)?;
        let mut added: HashSet<_> = added.into_iter().map(|(_, keys)| keys).collect();
        let is_whole = added.len() == open.len();
        let existing = ExistingUsers::of(&if is_whole { Vec::new() } else { imported_users::find(connection, &open)? });
        for (user, outcome) in users.iter().zip(&mut outcomes).filter(|(_, outcome)| outcome.is_none()) {
            // Of two that are the same the first is the one that was added.
            *outcome = if added.remove(&Keys::from(user)) {
                Some(Outcome::Imported)
            } else {
                existing.conflict_with(user).map(Outcome::Conflict)
            };
        }
    }
    Ok(outcomes.into_iter().flatten().collect())
}

/// What would come of users, after those that were asked about before: nothing is written.
///
/// # Errors
/// The database cannot serve.
pub fn dry_run(
    connection: &mut DbConnection,
    users: &[NewUser],
    existing: &mut ExistingUsers,
) -> Result<Vec<Outcome>, DbError> {
    let all: Vec<_> = users.iter().collect();
    imported_users::find(connection, &all)?.iter().for_each(|keys| existing.add(keys));
    let outcome = |user: &NewUser| match existing.conflict_with(user) {
        Some(conflict) => Outcome::Conflict(conflict),
        None => {
            existing.add(&Keys::from(user));
            Outcome::Imported
        }
    };
    Ok(users.iter().map(outcome).collect())
}
