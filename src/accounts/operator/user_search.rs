//! Searches users by the prefix of their name or e-mail address, by role and by whether they may sign in, one page at a
//! time.
//!
//! Pages continue after a user rather than at an offset, for which the database would have to walk over all previous
//! users. The order follows the index that finds the users: first those whose name matches, in the order of names, then
//! those of whom only the address matches. A common order would make the database collect and sort all matches for each
//! page.

use crate::{
    accounts::Username,
    base::email::Email,
    db::{DbConnection, DbError},
    users::{
        self, Role, User,
        listing::{self, Filter, Keys},
    },
};

/// The criteria of a search; `None` matches every user.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The prefix of the name or the address.
    pub prefix: Option<String>,
    pub role: Option<Role>,
    pub is_active: Option<bool>,
}

/// Returns the next `max` users after the one with the id `after`, or `None` if that user no longer exists, so that the
/// position is lost.
pub fn page(
    connection: &mut DbConnection,
    search: &Search,
    after: Option<i64>,
    max: i64,
) -> Result<Option<Vec<User>>, DbError> {
    let filter = Filter { role: search.role, is_active: search.is_active };
    let Some(prefix) = &search.prefix else {
        return listing::filtered(connection, filter, after.unwrap_or(i64::MIN), max).map(Some);
    };
    // The prefix of a valid name or address need not be valid itself.
    let name = Username::parse(prefix).map_or_else(|_| prefix.to_lowercase(), |name| name.key);
    let email = Email::parse(prefix).map_or_else(|_| prefix.to_lowercase(), |email| email.key);
    let (after_name, after_email) = match after {
        None => (None, None),
        Some(id) => match users::find_keys(connection, id)? {
            Some((key, _)) if key.starts_with(&name) => (Some(key), None),
            Some((_, Some(key))) => (None, Some(key)),
            _ => return Ok(None),
        },
    };
    let mut found = Vec::new();
    if after_email.is_none() {
        let names = Keys { prefix: &name, after: after_name.as_deref() };
        found = listing::by_name(connection, names, filter, max)?;
    }
    let left = max - i64::try_from(found.len()).unwrap_or(i64::MAX);
    if left > 0 {
        let emails = Keys { prefix: &email, after: after_email.as_deref() };
        found.extend(listing::by_email(connection, emails, &name, filter, left)?);
    }
    Ok(Some(found))
}
