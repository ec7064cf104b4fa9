//! Counts the outcomes of the lines of a file.

use std::{
    collections::{HashSet, hash_map::RandomState},
    hash::BuildHasher,
};

use serde::Serialize;

use crate::{
    accounts::import::{Conflict, Outcome},
    users::{NewUser, SaveError},
};

/// The number of users with each outcome.
#[derive(Default, Serialize)]
pub(super) struct Count {
    pub(super) imported: u64,
    pub(super) there_already: u64,
    pub(super) refused: u64,
    #[serde(skip)]
    names: Names,
}

/// The names of the users that were imported from this file. A second line with the same name is not a user who existed
/// before: if it were counted as one, its password would be lost silently.
///
/// Only 64 bits of a hash of each name are stored: 19 MB for a million, and half as much again while the table grows.
/// For a million users, the chance of a collision is one in 37 million; a user who exists already would then be
/// reported as refused.
#[derive(Default)]
struct Names {
    hasher: RandomState,
    seen: HashSet<u64>,
}

/// The hash of a name.
pub(super) struct Name(u64);

impl Count {
    pub(super) fn name_of(&self, user: &NewUser) -> Name {
        Name(self.names.hasher.hash_one(&user.username_key))
    }

    /// Counts a user that was not refused, or returns why the user is refused.
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
                return Some("another line of this file has the same name".to_owned());
            }
            Outcome::Conflict(Conflict::Same | Conflict::Username) => {
                return Some(SaveError::UsernameTaken.to_string());
            }
        }
        None
    }
}
