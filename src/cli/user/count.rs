//! What came of the lines of a file.

use std::{
    collections::{HashSet, hash_map::RandomState},
    hash::BuildHasher,
};

use serde::Serialize;

use crate::{
    accounts::import::{Conflict, Outcome},
    models::users::{NewUser, SaveError},
};

/// How many users came to what.
#[derive(Default, Serialize)]
pub(super) struct Count {
    pub(super) imported: u64,
    pub(super) there_already: u64,
    pub(super) refused: u64,
    #[serde(skip)]
    names: Names,
}

/// The names of the users that are there by a line of this file: a second line of one is no user who was there before,
/// and its password would be lost without a word.
///
/// Of each only 64 bits of a hash are kept: 19 MB for a million, and half of that on top while the table grows. Two of
/// a million are the same in them once in 37 million times, and then one who is there already is told of as refused.
#[derive(Default)]
struct Names {
    hasher: RandomState,
    seen: HashSet<u64>,
}

/// A name as it is kept here.
pub(super) struct Name(u64);

impl Count {
    pub(super) fn name_of(&self, user: &NewUser) -> Name {
        Name(self.names.hasher.hash_one(&user.username_key))
    }

    /// Counts a user that is not refused; why the user is, where that is so.
    pub(super) fn add(&mut self, Name(name): Name, outcome: Outcome) -> Option<String> {
        let seen = &mut self.names.seen;
        match outcome {
            Outcome::Imported => {
                seen.insert(name);
                self.imported += 1;
            }
            Outcome::Conflict(Conflict::Same) if seen.insert(name) => self.there_already += 1,
            Outcome::Conflict(Conflict::Email) => return Some(SaveError::EmailTaken.to_string()),
            Outcome::Conflict(Conflict::Same | Conflict::Username) if seen.contains(&name) => {
                return Some("the name is taken by another line of this file".to_owned());
            }
            Outcome::Conflict(Conflict::Same | Conflict::Username) => {
                return Some(SaveError::UsernameTaken.to_string());
            }
        }
        None
    }
}
