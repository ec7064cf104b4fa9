//! Finding the user whom an operator or admin names, by name, email address or id.

use std::collections::BTreeMap;

use crate::{
    accounts::Username,
    base::email::Email,
    db::{DbConnection, DbError},
    users::{self, User},
};

/// The keys by which a text may identify a user.
#[derive(Clone, Debug)]
pub struct Keys {
    name: Option<String>,
    email: Option<String>,
    id: Option<i64>,
}

/// Users by id, each with the key that found the user. Several if a name looks like an id.
pub type Found = BTreeMap<i64, (&'static str, User)>;

impl Keys {
    /// `name:…`, `email:…` and `id:…` restrict the search to one key. Without them, what contains an `@` is an address and never
    /// a name: an account that was named after the address of somebody else must not be promoted in that person's place.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let only = |prefix| text.strip_prefix(prefix);
        let rest = [only("name:"), only("email:"), only("id:")];
        let is_bare = rest == [None; 3];
        let [name, email, id] = if is_bare { [Some(text); 3] } else { rest };
        Self {
            name: name.and_then(Username::lookup_key).filter(|key| !(is_bare && key.contains('@'))),
            email: email.and_then(|text| Email::parse(text).ok()).map(|email| email.key),
            id: id.and_then(|text| text.parse().ok()),
        }
    }

    pub fn find(&self, connection: &mut DbConnection) -> Result<Found, DbError> {
        let mut found = Found::new();
        if let Some(key) = &self.name {
            found.extend(users::find_credentials(connection, key)?.map(|found| found.user).map(by("name")));
        }
        if let Some(key) = &self.email {
            found.extend(users::find_by_email(connection, key)?.map(by("email")));
        }
        if let Some(id) = self.id {
            found.extend(users::find(connection, id)?.map(by("id")));
        }
        Ok(found)
    }
}

fn by(way: &'static str) -> impl FnOnce(User) -> (i64, (&'static str, User)) {
    move |user| (user.id, (way, user))
}
