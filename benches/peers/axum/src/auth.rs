//! Registration, login and the session check.

use std::fmt;

use axum::{Json, extract::State, http::StatusCode};
use axum_login::{AuthSession, AuthUser, AuthnBackend};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use crate::{App, database::Database, error::Error};

#[derive(Clone, Serialize, sqlx::FromRow)]
pub(crate) struct User {
    id: i64,
    username: String,
    #[serde(skip)]
    password_hash: String,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("id", &self.id).finish_non_exhaustive()
    }
}

impl AuthUser for User {
    type Id = i64;

    fn id(&self) -> i64 {
        self.id
    }

    /// A change of the password ends the sessions.
    fn session_auth_hash(&self) -> &[u8] {
        self.password_hash.as_bytes()
    }
}

#[derive(Deserialize)]
pub(crate) struct Credentials {
    username: String,
    password: String,
}

#[derive(Clone)]
pub(crate) struct Backend {
    pub(crate) database: Database,
    pub(crate) bcrypt_cost: u32,
}

#[derive(Debug)]
pub(crate) struct BackendError(String);

impl fmt::Display for BackendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BackendError {}

impl From<sqlx::Error> for BackendError {
    fn from(error: sqlx::Error) -> Self {
        Self(error.to_string())
    }
}

impl AuthnBackend for Backend {
    type User = User;
    type Credentials = Credentials;
    type Error = BackendError;

    async fn authenticate(&self, credentials: Credentials) -> Result<Option<User>, BackendError> {
        let user: Option<User> = sqlx::query_as("SELECT id, username, password_hash FROM users WHERE username = ?")
            .bind(&credentials.username)
            .fetch_optional(&self.database.pool)
            .await?;
        let verify = move || {
            let Some(user) = user else { return Ok(None) };
            let verified = bcrypt::verify(&credentials.password, &user.password_hash)?;
            Ok(verified.then_some(user))
        };
        let verified = spawn_blocking(verify).await.map_err(|error| BackendError(error.to_string()))?;
        verified.map_err(|error: bcrypt::BcryptError| BackendError(error.to_string()))
    }

    async fn get_user(&self, id: &i64) -> Result<Option<User>, BackendError> {
        let select = sqlx::query_as("SELECT id, username, password_hash FROM users WHERE id = ?");
        Ok(select.bind(id).fetch_optional(&self.database.pool).await?)
    }
}

pub(crate) async fn register(
    State(app): State<App>,
    auth: AuthSession<Backend>,
    Json(credentials): Json<Credentials>,
) -> Result<(StatusCode, Json<User>), Error> {
    let Credentials { username, password } = credentials;
    // bcrypt looks at 72 bytes.
    if !(1..=64).contains(&username.len()) || !(8..=72).contains(&password.len()) {
        return Err(Error::Client(StatusCode::UNPROCESSABLE_ENTITY, "invalid username or password"));
    }
    let cost = auth.backend.bcrypt_cost;
    let password_hash = spawn_blocking(move || bcrypt::hash(password, cost)).await??;
    let insert = sqlx::query("INSERT INTO users (username, password_hash) VALUES (?, ?)");
    match insert.bind(&username).bind(&password_hash).execute(&app.database.writer).await {
        Ok(inserted) => {
            let id = inserted.last_insert_rowid();
            Ok((StatusCode::CREATED, Json(User { id, username, password_hash })))
        }
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
            Err(Error::Client(StatusCode::CONFLICT, "username taken"))
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn login(
    mut auth: AuthSession<Backend>,
    Json(credentials): Json<Credentials>,
) -> Result<Json<User>, Error> {
    let Some(user) = auth.authenticate(credentials).await? else {
        return Err(Error::Client(StatusCode::UNAUTHORIZED, "cannot login"));
    };
    auth.login(&user).await?;
    Ok(Json(user))
}

pub(crate) async fn check_session(auth: AuthSession<Backend>) -> Result<Json<User>, Error> {
    auth.user.map(Json).ok_or(Error::Client(StatusCode::UNAUTHORIZED, "no user logged in"))
}
