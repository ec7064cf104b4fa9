//! Searches users by the prefix of their name or email address, by role and by whether they may sign in, one page at a
//! time.
//!
//! Pages continue after a user rather than at an offset, for which the database would have to walk over all previous
//! users. In [`page`], the order follows the index that finds the users: first those whose name matches, in the order of names, then
//! those of whom only the address matches. A common order would make the database collect and sort all matches for each
//! page.

use crate::{
    accounts::Username,
    base::email::Email,
    db::{DbConnection, DbError},
    users::{
        self, Role, User,
        listing::{self, Filter, Keys},
        newest::{self, Candidate},
    },
};

/// A prefix that matches at most this many users is answered from the indexes of names and addresses alone.
const MAX_MATCHES: i64 = 2000;

/// Users that are compared if a prefix matches more users than that. The first chunk suffices if many match, and each is twice
/// as large as the one before.
const FIRST_CHUNK: i64 = 160;
const MAX_CHUNKS: u32 = 4;

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
    let filter = search.filter();
    let Some(prefix) = &search.prefix else {
        return listing::filtered(connection, filter, after.unwrap_or(i64::MIN), max).map(Some);
    };
    let Prefixes { name, email } = Prefixes::of(prefix);
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

/// A page of users, newest first.
#[derive(Clone, Debug, Default)]
pub struct NewestPage {
    pub users: Vec<User>,
    /// Continues with the users whose ids are below this; `None` on the last page.
    pub next: Option<i64>,
}

/// Returns up to `limit` users with ids below `before`, newest first.
///
/// If a prefix matches more than [`MAX_MATCHES`] users, this compares the newest users one after the other: enough match to
/// fill most pages soon. A page may then be short, or even empty, and still have a next one.
pub fn newest_first(
    connection: &mut DbConnection,
    search: &Search,
    before: i64,
    limit: i64,
) -> Result<NewestPage, DbError> {
    let filter = search.filter();
    let users = match &search.prefix {
        None => {
            let ids: Vec<_> =
                newest::before(connection, filter, before, limit + 1)?.iter().map(|found| found.id).collect();
            newest::of_ids(connection, &ids, filter, before, limit + 1)?
        }
        Some(prefix) => {
            let prefixes = Prefixes::of(prefix);
            match prefixes.ids(connection)? {
                Some(ids) => newest::of_ids(connection, &ids, filter, before, limit + 1)?,
                None => return walk(connection, &prefixes, filter, before, limit),
            }
        }
    };
    Ok(NewestPage::of(users, limit))
}

/// Compares users with ids below `before` until the page is full.
fn walk(
    connection: &mut DbConnection,
    prefixes: &Prefixes,
    filter: Filter,
    mut before: i64,
    limit: i64,
) -> Result<NewestPage, DbError> {
    let start = before;
    let mut ids = Vec::new();
    for number in 0..MAX_CHUNKS {
        let size = FIRST_CHUNK << number;
        let chunk = newest::before(connection, filter, before, size)?;
        let is_last = i64::try_from(chunk.len()).is_ok_and(|found| found < size);
        before = chunk.last().map_or(before, |candidate| candidate.id);
        let matching = chunk.iter().filter(|candidate| prefixes.match_start_of(candidate)).map(|found| found.id);
        ids.extend(matching.take(usize::try_from(limit + 1).unwrap_or(usize::MAX)));
        if is_last || i64::try_from(ids.len()).is_ok_and(|found| found > limit) {
            return Ok(NewestPage::of(newest::of_ids(connection, &ids, filter, start, limit + 1)?, limit));
        }
    }
    Ok(NewestPage { users: newest::of_ids(connection, &ids, filter, start, limit)?, next: Some(before) })
}

impl NewestPage {
    /// From all users that are left, or more than `limit` of them.
    fn of(mut users: Vec<User>, limit: i64) -> Self {
        let size = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = users.len() > size;
        users.truncate(size);
        let next = users.last().filter(|_| has_more).map(|user| user.id);
        Self { users, next }
    }
}

impl Search {
    fn filter(&self) -> Filter {
        Filter { role: self.role, is_active: self.is_active }
    }
}

/// The normalized forms of a prefix.
struct Prefixes {
    name: String,
    email: String,
}

impl Prefixes {
    /// The prefix of a valid name or address need not be valid itself.
    fn of(prefix: &str) -> Self {
        Self {
            name: Username::parse(prefix).map_or_else(|_| prefix.to_lowercase(), |name| name.key),
            email: Email::parse(prefix).map_or_else(|_| prefix.to_lowercase(), |email| email.key),
        }
    }

    /// The ids of all users that match, some several times; `None` if there are too many.
    fn ids(&self, connection: &mut DbConnection) -> Result<Option<Vec<i64>>, DbError> {
        let mut ids = newest::ids_by_name(connection, &self.name, MAX_MATCHES + 1)?;
        for ids_by_email in [newest::ids_by_email, newest::ids_by_unverified_email] {
            if i64::try_from(ids.len()).is_ok_and(|found| found <= MAX_MATCHES) {
                ids.extend(ids_by_email(connection, &self.email, MAX_MATCHES + 1)?);
            }
        }
        Ok(i64::try_from(ids.len()).is_ok_and(|found| found <= MAX_MATCHES).then_some(ids))
    }

    fn match_start_of(&self, candidate: &Candidate) -> bool {
        let is_email = |key: &Option<String>| key.as_ref().is_some_and(|key| key.starts_with(&self.email));
        candidate.username_key.starts_with(&self.name)
            || is_email(&candidate.email_key)
            || is_email(&candidate.unverified_email_key)
    }
}
