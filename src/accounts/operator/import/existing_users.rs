//! The names and addresses that are already taken, for checking many users at once.

use std::{
    collections::{HashMap, HashSet, hash_map::RandomState},
    hash::BuildHasher,
};

use crate::users::{NewUser, imported::Keys};

/// The existing user that conflicts with a user to be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The same user: one with this name and this address, or with this name if neither has an address.
    Same,
    /// Another user has the name.
    Username,
    /// Another user has the address.
    Email,
}

/// The names and addresses that are taken.
///
/// Only 64 bits of a hash of each are stored, which is less than 100 bytes per user including the hash tables; a
/// million names and addresses themselves would take several times as much. For a million users, the chance of a
/// collision is one in 37 million. A collision only leads to a wrong message about a user, as the database decides what
/// is written.
#[derive(Debug, Default)]
pub struct ExistingUsers {
    hasher: RandomState,
    /// Maps the hash of each name to the hash of that user's address.
    names: HashMap<u64, Option<u64>>,
    addresses: HashSet<u64>,
}

impl ExistingUsers {
    pub(in crate::accounts) fn of(found: &[Keys]) -> Self {
        let mut existing = Self::default();
        found.iter().for_each(|keys| existing.add(keys));
        existing
    }

    pub(in crate::accounts) fn add(&mut self, keys: &Keys) {
        let address = keys.email_key.as_ref().map(|key| self.hasher.hash_one(key));
        self.names.insert(self.hasher.hash_one(&keys.username_key), address);
        self.addresses.extend(address);
    }

    /// Returns the conflict of a user with these, or `None` if the user can be added.
    pub(in crate::accounts) fn conflict_with(&self, user: &NewUser) -> Option<Conflict> {
        let address = user.email_key.as_ref().map(|key| self.hasher.hash_one(key));
        match self.names.get(&self.hasher.hash_one(&user.username_key)) {
            Some(same) if *same == address => Some(Conflict::Same),
            Some(_) => Some(Conflict::Username),
            None => address.filter(|address| self.addresses.contains(address)).map(|_| Conflict::Email),
        }
    }
}
