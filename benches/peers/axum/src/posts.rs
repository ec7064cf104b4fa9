//! Reading a post, which costs a read.

use std::time::{Duration, SystemTime};

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::AppendHeaders,
};
use axum_login::{AuthSession, AuthUser};
use serde::Serialize;

use crate::{App, auth::Backend, error::Error};

const PERIOD: Duration = Duration::from_secs(30 * 86_400);

/// Looks at the count and changes it, in one statement, which is a transaction.
const COUNT: &str = "INSERT INTO meters (user_id, period_started_at, used) VALUES (?1, ?2, 1) \
    ON CONFLICT (user_id) DO UPDATE SET \
        used = iif(period_started_at > ?3, used + 1, 1), \
        period_started_at = iif(period_started_at > ?3, period_started_at, ?2) \
    WHERE used < ?4 OR period_started_at <= ?3 \
    RETURNING used";

#[derive(Serialize, sqlx::FromRow)]
pub(crate) struct Post {
    id: i64,
    title: String,
    data: String,
    excerpt: String,
}

pub(crate) async fn read(
    State(app): State<App>,
    auth: AuthSession<Backend>,
    Path(id): Path<i64>,
) -> Result<(AppendHeaders<[(&'static str, String); 1]>, Json<Post>), Error> {
    let user = auth.user.ok_or(Error::Client(StatusCode::UNAUTHORIZED, "please login"))?;
    let post = sqlx::query_as("SELECT id, title, data, excerpt FROM posts WHERE id = ?")
        .bind(id)
        .fetch_optional(&app.database.pool)
        .await?
        .ok_or(Error::Client(StatusCode::NOT_FOUND, "Blog not found"))?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let counted: Vec<i64> = sqlx::query_scalar(COUNT)
        .bind(user.id())
        .bind(millis(now))
        .bind(millis(now - PERIOD))
        .bind(app.reads_limit)
        // Not `fetch_optional`: it returns with the row, before the statement has committed.
        .fetch_all(&app.database.writer)
        .await?;
    let used = counted.first().ok_or(Error::Client(StatusCode::PAYMENT_REQUIRED, "pay me monies"))?;
    Ok((AppendHeaders([("x-reads-remaining", (app.reads_limit - used).to_string())]), Json(post)))
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
