//! Names and addresses that are not to be had, for who asks about many.

use std::{
    collections::{HashMap, HashSet, hash_map::RandomState},
    hash::BuildHasher,
};

use crate::models::{imported_users::Keys, users::NewUser};

/// Who is in the way of a user to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The user: one of this name and with this address, or like this one without any.
    Same,
    /// Somebody else who has the name.
    Username,
    /// Somebody else who has the address.
    Email,
}

/// Names and addresses that somebody has.
///
/// Of each only 64 bits of a hash are kept, less than 100 bytes a user with the tables around them: a million names and
/// addresses as they are would take several times as much. Two of a million are the same in them once in 37 million
/// times, which costs a wrong word about a user; what is written is decided by the database.
#[derive(Debug, Default)]
pub struct ExistingUsers {
    hasher: RandomState,
    /// The address of who has the name.
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

    /// What these make of a user; `None` where the user can be added.
    pub(in crate::accounts) fn conflict_with(&self, user: &NewUser) -> Option<Conflict> {
        let address = user.email_key.as_ref().map(|key| self.hasher.hash_one(key));
        match self.names.get(&self.hasher.hash_one(&user.username_key)) {
            Some(same) if *same == address => Some(Conflict::Same),
            Some(_) => Some(Conflict::Username),
            None => address.filter(|address| self.addresses.contains(address)).map(|_| Conflict::Email),
        }
    }
}
