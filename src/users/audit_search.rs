//! Events of all accounts, for admins.

use diesel::{pg::Pg, prelude::*, sqlite::Sqlite};
use serde::Serialize;

use super::event::Event;
use crate::{
    base::clock::Timestamp,
    db::{
        DbConnection, DbError, dispatch,
        schema::{audit, users},
    },
};

/// Which events to find; `None` matches all.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// At this time or later.
    pub since: Option<Timestamp>,
    /// At this time or earlier.
    pub until: Option<Timestamp>,
    pub by: Option<By>,
    pub event: Option<Event>,
}

/// Who acted on the account of somebody else.
#[derive(Clone, Debug)]
pub enum By {
    Admin(i64),
    /// An operator on the command line, or an admin whose account is gone.
    Name(String),
}

/// An event, with the account that it concerns.
#[derive(Clone, Debug, Serialize, Queryable)]
pub struct Found {
    pub id: i64,
    pub at: Timestamp,
    pub event: Event,
    user_id: Option<i64>,
    #[serde(skip)]
    deleted_user_id: Option<i64>,
    /// `None` if the account was deleted.
    pub username: Option<String>,
    /// The admin who did it; `None` for operators and for users themselves.
    pub by_id: Option<i64>,
    pub by: Option<String>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

impl Found {
    /// Of a deleted account, only the id is known.
    fn with_deleted_user(self) -> Self {
        Self { user_id: self.user_id.or(self.deleted_user_id), ..self }
    }

    #[must_use]
    pub fn user_id(&self) -> Option<i64> {
        self.user_id
    }
}

/// The last `limit` events that match, newest first, after the one with the id `before`.
pub fn page(
    connection: &mut DbConnection,
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Found>, DbError> {
    let before = match before {
        Some(id) => Some((find_time(connection, id)?, id)),
        None => None,
    };
    macro_rules! found {
        ($backend:ty, $c:expr) => {{
            let mut query = audit::table.left_join(users::table).into_boxed::<$backend>();
            if let Some(since) = filter.since {
                query = query.filter(audit::at.ge(since));
            }
            if let Some(until) = filter.until {
                query = query.filter(audit::at.le(until));
            }
            match &filter.by {
                Some(By::Admin(id)) => query = query.filter(audit::actor_id.eq(*id)),
                Some(By::Name(name)) => query = query.filter(audit::actor.eq(name)),
                None => {}
            }
            if let Some(event) = filter.event {
                query = query.filter(audit::event.eq(event));
            }
            match before {
                Some((Some(at), id)) => {
                    let same_time = audit::at.eq(at).and(audit::id.lt(id));
                    query = query.filter(audit::at.le(at)).filter(audit::at.lt(at).or(same_time));
                }
                // The event was deleted since, because it was old or with its account.
                Some((None, id)) => query = query.filter(audit::id.lt(id)),
                None => {}
            }
            query
                .order((audit::at.desc(), audit::id.desc()))
                .limit(limit)
                .select((
                    audit::id,
                    audit::at,
                    audit::event,
                    audit::user_id,
                    audit::deleted_user_id,
                    users::username.nullable(),
                    audit::actor_id,
                    audit::actor,
                    audit::ip,
                    audit::user_agent,
                ))
                .load::<Found>($c)?
        }};
    }
    let found = match connection {
        DbConnection::Sqlite(c) => found!(Sqlite, c),
        DbConnection::Postgres(c) => found!(Pg, c),
    };
    Ok(found.into_iter().map(Found::with_deleted_user).collect())
}

fn find_time(connection: &mut DbConnection, id: i64) -> Result<Option<Timestamp>, DbError> {
    let at = audit::table.find(id).select(audit::at);
    Ok(dispatch!(connection, |c| at.get_result(c).optional())?)
}
