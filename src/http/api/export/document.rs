//! Everything stored about a user, except secrets, as JSON that is generated piece by piece while the client reads it.
//!
//! Each piece is one query, so a slow client costs the memory of one page of rows and no database connection. A single
//! transaction would give a consistent snapshot, but a client could then occupy a connection, and keep SQLite's
//! write-ahead log from being checkpointed, for as long as it liked. Instead, lists are paged by descending id, so that
//! rows added during the export neither repeat nor hide others.

use std::sync::Arc;

use actix_web::web::Bytes;
use serde::Serialize;

use crate::{
    accounts,
    base::clock::Timestamp,
    billing::{customers, subscriptions},
    credentials::{api_tokens, identities, passkeys, sessions},
    db::{Db, DbConnection, DbError},
    http::{
        api::user::UserBody, credential::CredentialId, error::ApiError, extract::admin::Admin,
        running_exports::RunningExport, state::AppState,
    },
    paywall::{
        gifts::{openings, table as gifts},
        meter_id::MeterId,
        meters,
        reads::{self, ListedRead},
        statistics::refusals,
    },
    users::{self, activity, audit, identity::Identity},
};

/// Rows per page of a list: a few hundred kilobytes with the longest user agents.
const PAGE: i64 = 200;

/// Who asked for an export. The right to it is checked again for each piece.
#[derive(Clone, Debug)]
pub(in crate::http::api) enum Exporter {
    Owner(CredentialId),
    Admin(Admin),
    /// On the command line.
    Operator,
}

impl Exporter {
    fn check(&self, connection: &mut DbConnection, now: Timestamp) -> Result<(), ApiError> {
        match self {
            Self::Owner(credential) => credential.live_user(connection, now).map(drop),
            Self::Admin(admin) => admin.check(connection, now),
            Self::Operator => Ok(()),
        }
    }
}

/// An export in progress.
#[expect(missing_debug_implementations, reason = "the database has none")]
pub struct AccountExport {
    db: Db,
    user: Arc<Identity>,
    exporter: Exporter,
    /// The session or token is checked as of this time, so that it does not become idle during a long download.
    started_at: Timestamp,
    part: usize,
    before: Option<i64>,
    /// Released when the document has been sent or its connection is closed.
    _running: Option<RunningExport>,
}

/// A part of the document, or a page of a part that is a list.
struct Piece {
    json: String,
    /// The `before` id for the next page; `None` if the part is complete.
    next: Option<i64>,
}

type ReadPart = fn(&mut DbConnection, &Identity, Option<i64>) -> Result<Piece, ApiError>;

/// The document's keys in order, with the function that reads each value.
const PARTS: [(&str, ReadPart); 14] = [
    ("user", user),
    ("passkeys", passkeys),
    ("identities", identities),
    ("sessions", sessions),
    ("api_tokens", api_tokens),
    ("meter", meter),
    ("reads", reads),
    ("refusals", refusals),
    ("gifts", gifts),
    ("gifts_opened", gifts_opened),
    ("subscriptions", subscriptions),
    ("customers", customers),
    ("failed_attempts", failed_attempts),
    ("audit", audit),
];

impl AccountExport {
    pub(super) fn new(state: &AppState, user: Identity, exporter: Exporter, running: RunningExport) -> Self {
        let running = Some(running);
        Self { exporter, _running: running, ..Self::by_operator(&state.db, user, state.clock.now()) }
    }

    /// For the command line, which needs no right.
    #[must_use]
    pub fn by_operator(db: &Db, user: Identity, now: Timestamp) -> Self {
        let (db, user, exporter) = (db.clone(), Arc::new(user), Exporter::Operator);
        Self { db, user, exporter, started_at: now, part: 0, before: None, _running: None }
    }

    /// The next piece of the document, for the command line.
    ///
    /// # Errors
    /// The database is unavailable.
    pub async fn next_for_operator(&mut self) -> Result<Option<Bytes>, DbError> {
        self.next_piece().await.map_err(|error| match error {
            ApiError::Unavailable(error) => error,
            other => DbError::Query(other.cause().unwrap_or_else(|| other.to_string())),
        })
    }

    /// The next piece of the document; `None` if it is complete.
    ///
    /// # Errors
    /// The database is unavailable, or the session or token has ended: revoking it must stop a running export too.
    pub(super) async fn next_piece(&mut self) -> Result<Option<Bytes>, ApiError> {
        let Some((key, read)) = PARTS.get(self.part) else { return Ok(None) };
        let (user, exporter) = (self.user.clone(), self.exporter.clone());
        let (before, started_at) = (self.before, self.started_at);
        let query = move |connection: &mut DbConnection| {
            exporter.check(connection, started_at)?;
            read(connection, &user, before)
        };
        let Piece { json, next } = self.db.read(query).await?;
        let start = match (self.part, before) {
            (_, Some(_)) => String::new(),
            (0, None) => format!("{{\"{key}\":"),
            (_, None) => format!(",\"{key}\":"),
        };
        self.before = next;
        self.part += usize::from(next.is_none());
        let end = if self.part == PARTS.len() { "}" } else { "" };
        Ok(Some(Bytes::from(format!("{start}{json}{end}"))))
    }
}

#[derive(Serialize)]
struct ExportedUser<'a> {
    #[serde(flatten)]
    user: UserBody<'a>,
    is_active: bool,
    last_seen_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct ExportedMeter {
    period_started_at: Timestamp,
    used: i64,
}

#[derive(Serialize)]
struct ExportedRead {
    /// `null` for a page of another application.
    post_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    read_at: Timestamp,
    metered: bool,
}

impl From<ListedRead> for ExportedRead {
    fn from(listed: ListedRead) -> Self {
        let ListedRead { read, path, .. } = listed;
        let post_id = read.content.post_id();
        Self { post_id, path, read_at: read.read_at, metered: read.metered }
    }
}

#[derive(Serialize)]
struct PaywallHitsBody {
    day: Timestamp,
    count: i64,
}

fn user(connection: &mut DbConnection, user: &Identity, _: Option<i64>) -> Result<Piece, ApiError> {
    let last_seen_at = activity::find_last_seen(connection, user.user_id)?;
    let is_active = users::find(connection, user.user_id)?.is_some_and(|user| user.is_active);
    value(&ExportedUser { user: UserBody::of(user), is_active, last_seen_at })
}

/// Not paged, because there are few. Without their keys.
fn passkeys(connection: &mut DbConnection, user: &Identity, _: Option<i64>) -> Result<Piece, ApiError> {
    value(&passkeys::list(connection, user.user_id)?)
}

/// Not paged, because there are few.
fn identities(connection: &mut DbConnection, user: &Identity, _: Option<i64>) -> Result<Piece, ApiError> {
    value(&identities::list(connection, user.user_id)?)
}

fn sessions(connection: &mut DbConnection, user: &Identity, before: Option<i64>) -> Result<Piece, ApiError> {
    let page = sessions::page(connection, user.user_id, before.unwrap_or(i64::MAX), PAGE)?;
    list(page.into_iter().map(|session| (session.id, session)), before)
}

/// Not paged, because there are few. Without their hashes.
fn api_tokens(connection: &mut DbConnection, user: &Identity, _: Option<i64>) -> Result<Piece, ApiError> {
    value(&api_tokens::list(connection, user.user_id)?)
}

fn meter(connection: &mut DbConnection, user: &Identity, _: Option<i64>) -> Result<Piece, ApiError> {
    let meter = meters::find(connection, MeterId::of_user(user.user_id))?;
    value(&meter.map(|meter| ExportedMeter { period_started_at: meter.period_started_at, used: meter.used.max(0) }))
}

fn reads(connection: &mut DbConnection, user: &Identity, before: Option<i64>) -> Result<Piece, ApiError> {
    // The time does not matter: the document has no titles.
    let since = Timestamp::from_millis(0);
    let page = reads::page(connection, user.user_id, since, before, PAGE, since)?;
    list(page.into_iter().map(|listed| (listed.read.id, ExportedRead::from(listed))), before)
}

fn refusals(connection: &mut DbConnection, user: &Identity, before: Option<i64>) -> Result<Piece, ApiError> {
    let page = refusals::page(connection, user.user_id, before.unwrap_or(i64::MAX), PAGE)?;
    list(page.into_iter().map(|(day, count)| (day, PaywallHitsBody { day: Timestamp::from_day(day), count })), before)
}

fn gifts(connection: &mut DbConnection, user: &Identity, before: Option<i64>) -> Result<Piece, ApiError> {
    let page = gifts::page(connection, user.user_id, before.unwrap_or(i64::MAX), PAGE)?;
    list(page.into_iter().map(|gift| (gift.id, gift)), before)
}

fn gifts_opened(connection: &mut DbConnection, user: &Identity, before: Option<i64>) -> Result<Piece, ApiError> {
    let page = openings::page(connection, user.user_id, before.unwrap_or(i64::MAX), PAGE)?;
    list(page.into_iter().map(|opened| (opened.gift_id, opened)), before)
}

/// Subscriptions and customers are not paged, because users can only add to them by paying.
fn subscriptions(connection: &mut DbConnection, user: &Identity, _: Option<i64>) -> Result<Piece, ApiError> {
    value(&subscriptions::of_user(connection, user.user_id)?)
}

fn customers(connection: &mut DbConnection, user: &Identity, _: Option<i64>) -> Result<Piece, ApiError> {
    value(&customers::ids_of_user(connection, user.user_id)?)
}

fn failed_attempts(connection: &mut DbConnection, user: &Identity, before: Option<i64>) -> Result<Piece, ApiError> {
    let page = accounts::wrong_passwords(connection, &user.username, before.unwrap_or(i64::MAX), PAGE)?;
    list(page, before)
}

fn audit(connection: &mut DbConnection, user: &Identity, before: Option<i64>) -> Result<Piece, ApiError> {
    list(audit::page(connection, user.user_id, before.unwrap_or(i64::MAX), PAGE)?, before)
}

fn value(value: &impl Serialize) -> Result<Piece, ApiError> {
    Ok(Piece { json: json(value)?, next: None })
}

/// A page of a list. A page that is not full is the last one.
fn list<T: Serialize>(rows: impl IntoIterator<Item = (i64, T)>, before: Option<i64>) -> Result<Piece, ApiError> {
    let rows: Vec<_> = rows.into_iter().collect();
    let is_full = i64::try_from(rows.len()).is_ok_and(|rows| rows >= PAGE);
    let next = rows.last().map(|(id, _)| *id).filter(|_| is_full);
    let texts = rows.iter().map(|(_, row)| json(row)).collect::<Result<Vec<_>, _>>()?;
    let start = match before {
        None => "[",
        Some(_) if texts.is_empty() => "",
        Some(_) => ",",
    };
    let end = if is_full { "" } else { "]" };
    Ok(Piece { json: format!("{start}{}{end}", texts.join(",")), next })
}

fn json(value: &impl Serialize) -> Result<String, ApiError> {
    serde_json::to_string(value).map_err(ApiError::internal)
}
