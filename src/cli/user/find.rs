//! Finds a user by name, e-mail address or id.

use std::collections::BTreeMap;

use anyhow::bail;

use crate::{
    accounts::Username,
    base::email::Email,
    cli::{Context, NotFound},
    db::{DbConnection, DbError},
    users::{self, User},
};

/// The keys by which an argument may identify a user.
struct Keys {
    name: Option<String>,
    email: Option<String>,
    id: Option<i64>,
}

impl Keys {
    /// `name:…`, `email:…` and `id:…` restrict the search to one key. Without them, what contains an `@` is an address and never
    /// a name: an account that was named after the address of somebody else must not be promoted in that person's place.
    fn parse(text: &str) -> Self {
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

    fn find(&self, connection: &mut DbConnection) -> Result<Found, DbError> {
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

/// Users by id, each with the key that found the user.
type Found = BTreeMap<i64, (&'static str, User)>;

fn by(way: &'static str) -> impl FnOnce(User) -> (i64, (&'static str, User)) {
    move |user| (user.id, (way, user))
}

/// Finds a user by name, e-mail address or id.
///
/// A name may look like an address or an id. If somebody registers as `7`, that user must not be deleted or promoted
/// instead of user 7, so ambiguous arguments are rejected.
pub(in crate::cli) async fn find(context: &Context, who: &str) -> anyhow::Result<User> {
    let keys = Keys::parse(who);
    let mut found = context.db.read(move |connection| keys.find(connection)).await?;
    if found.len() > 1 {
        let ways: Vec<_> = found.iter().map(|(id, (way, _))| format!("{way}:{who} is user {id}")).collect();
        bail!("{who} matches several users: {}", ways.join(", "));
    }
    found.pop_first().map(|(_, (_, user))| user).ok_or_else(|| NotFound(format!("user not found: {who}")).into())
}
