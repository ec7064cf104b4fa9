//! Searching the events of all accounts.

use crate::{
    accounts::Username,
    base::clock::Timestamp,
    db::{DbConnection, DbError},
    users::{
        self,
        audit::Event,
        audit_search::{self, By, Filter, Found},
    },
};

/// The criteria of a search; `None` matches every event.
#[derive(Clone, Debug, Default)]
pub struct EventSearch {
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// The id or the name of an admin, or the operating system's user who ran a command.
    pub by: Option<String>,
    pub event: Option<Event>,
}

/// Returns the last `limit` events after the one with the id `before`, newest first.
pub fn page(
    connection: &mut DbConnection,
    search: &EventSearch,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Found>, DbError> {
    let by = search.by.as_deref().map(|text| parse_by(connection, text)).transpose()?;
    let filter = Filter { since: search.since, until: search.until, by, event: search.event };
    audit_search::page(connection, &filter, before, limit)
}

/// An admin is found by the present name, also for what was done under a former one.
fn parse_by(connection: &mut DbConnection, text: &str) -> Result<By, DbError> {
    if let Ok(id) = text.parse() {
        return Ok(By::Admin(id));
    }
    let user = match Username::lookup_key(text) {
        Some(key) => users::find_credentials(connection, &key)?,
        None => None,
    };
    Ok(user.map_or_else(|| By::Name(text.to_owned()), |found| By::Admin(found.user.id)))
}
