//! Import of the users of another program.

pub(crate) mod existing_users;

use std::{collections::HashMap, time::Duration};

pub use self::existing_users::{Conflict, ExistingUsers};
use crate::{
    accounts::{
        Username,
        passwords::{Unusable, hashing::hash},
    },
    base::{client::Client, clock::Timestamp, email::Email},
    billing::{stripe_events, subscribers},
    db::{DbConnection, DbError, Tx},
    users::{
        NO_PASSWORD, NewUser, Role,
        audit::{self, Event},
        imported::{self, Keys},
    },
};

/// A user of another program.
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct ForeignUser {
    /// Without one, the user gets one that can be changed later.
    pub username: Option<Username>,
    pub email: Option<Email>,
    /// Whether the other program has verified the address.
    pub email_verified: bool,
    /// What the other program stored instead of the password. Without one, the user needs an address, and signs in by email.
    pub password_hash: Option<String>,
    pub role: Role,
    pub is_active: bool,
    /// When the user registered with the other program.
    pub created_at: Timestamp,
    /// Stripe's id of the user, whose subscriptions are the user's from then on.
    pub stripe_customer: Option<String>,
    pub subscription: Option<Granted>,
}

/// A subscription that comes with the import.
#[derive(Clone, Copy, Debug)]
pub struct Granted {
    /// `None` if it does not end.
    pub until: Option<Timestamp>,
}

/// A user to be added, and what belongs to it in other tables.
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct Newcomer {
    pub user: NewUser,
    /// Whether the file has no name for the user.
    has_random_name: bool,
    stripe_customer: Option<String>,
    subscription: Option<Granted>,
}

impl Newcomer {
    /// What a conflict means. Users without a name of their own are the same if their addresses are.
    fn outcome_of(&self, conflict: Conflict) -> Outcome {
        Outcome::Conflict(if self.has_random_name && conflict == Conflict::Email { Conflict::Same } else { conflict })
    }
}

/// The result of importing a user, or of a dry run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Imported,
    Conflict(Conflict),
}

/// Builds the row of a user, if the password hash can be verified by a server that hashes with this cost. The address of a user
/// without a password counts as verified: signing in by email proves it each time.
///
/// # Errors
/// A message for people that says what is wrong with the hash.
pub fn checked(user: ForeignUser, cost: u32) -> Result<Newcomer, Unusable> {
    let ForeignUser { username, email, email_verified, password_hash, role, is_active, created_at, .. } = user;
    let password_hash = password_hash.map(strip_django_prefix);
    password_hash.as_deref().map_or(Ok(()), |stored| hash::check(stored, cost))?;
    let is_verified = email_verified || password_hash.is_none();
    let email_verified_at = (email.is_some() && is_verified).then_some(created_at);
    let (email, email_key) = email.map(|email| (email.original, email.key)).unzip();
    let has_random_name = username.is_none();
    let Username { original, key } = username.unwrap_or_else(Username::random);
    let user_row = NewUser {
        username: original,
        username_key: key,
        email,
        email_key,
        email_verified_at,
        unverified_email_key: None,
        password_hash: password_hash.unwrap_or_else(|| NO_PASSWORD.to_owned()),
        role,
        is_active,
        created_at,
        last_seen_at: None,
    };
    let (stripe_customer, subscription) = (user.stripe_customer, user.subscription);
    Ok(Newcomer { user: user_row, has_random_name, stripe_customer, subscription })
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
pub fn import(
    tx: &mut Tx<'_>,
    users: &mut [Newcomer],
    grace: Duration,
    operator: &Client,
    now: Timestamp,
) -> Result<Vec<Outcome>, DbError> {
    if users.iter().any(|newcomer| newcomer.stripe_customer.is_some() || newcomer.subscription.is_some()) {
        // Stripe events acquire this lock before a user's.
        stripe_events::lock(tx)?;
    }
    let mut outcomes = vec![None; users.len()];
    // Usually one pass is enough. A conflicting user may be deleted before the conflict is looked up; the import is
    // then tried again. So it is with another name if a random one is taken.
    while outcomes.contains(&None) {
        let open = users.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_none());
        let open: Vec<_> = open.map(|(newcomer, _)| &newcomer.user).collect();
        let added = imported::insert(tx, &open)?;
        let ids: Vec<_> = added.iter().map(|(id, _)| *id).collect();
        audit::insert_of_many(tx, &ids, Event::Registered, operator, now)?;
        let mut added: HashMap<_, _> = added.into_iter().map(|(id, keys)| (keys, id)).collect();
        let is_complete = added.len() == open.len();
        let existing = ExistingUsers::of(&if is_complete { Vec::new() } else { imported::find(tx, &open)? });
        for (newcomer, outcome) in users.iter_mut().zip(&mut outcomes).filter(|(_, outcome)| outcome.is_none()) {
            // Of two identical users, the first is the one that was added.
            if let Some(id) = added.remove(&Keys::from(&newcomer.user)) {
                add_subscription(tx, id, newcomer, grace, operator, now)?;
                *outcome = Some(Outcome::Imported);
                continue;
            }
            *outcome = match existing.conflict_with(&newcomer.user) {
                Some(Conflict::Username) if newcomer.has_random_name => {
                    let Username { original, key } = Username::random();
                    (newcomer.user.username, newcomer.user.username_key) = (original, key);
                    None
                }
                conflict => conflict.map(|conflict| newcomer.outcome_of(conflict)),
            };
        }
    }
    Ok(outcomes.into_iter().flatten().collect())
}

/// Links the Stripe customer of a user who was added, and grants the subscription that comes with the import.
fn add_subscription(
    tx: &mut Tx<'_>,
    user_id: i64,
    newcomer: &Newcomer,
    grace: Duration,
    operator: &Client,
    now: Timestamp,
) -> Result<(), DbError> {
    if let Some(customer) = &newcomer.stripe_customer {
        subscribers::link_customer(tx, user_id, customer, grace)?;
    }
    if let Some(Granted { until }) = newcomer.subscription {
        subscribers::grant(tx, user_id, until, grace, operator, now)?;
    }
    Ok(())
}

/// Returns the outcomes that an import would have, taking into account the users of earlier calls. Nothing is written.
pub fn dry_run(
    connection: &mut DbConnection,
    users: &[Newcomer],
    existing: &mut ExistingUsers,
) -> Result<Vec<Outcome>, DbError> {
    let all: Vec<_> = users.iter().map(|newcomer| &newcomer.user).collect();
    imported::find(connection, &all)?.iter().for_each(|keys| existing.add(keys));
    let outcome = |newcomer: &Newcomer| match existing.conflict_with(&newcomer.user) {
        // The import chooses another name.
        Some(conflict) if !(newcomer.has_random_name && conflict == Conflict::Username) => {
            newcomer.outcome_of(conflict)
        }
        _ => {
            existing.add(&Keys::from(&newcomer.user));
            Outcome::Imported
        }
    };
    Ok(users.iter().map(outcome).collect())
}
