//! Creating and deleting API tokens. Both need a session.

use crate::{
    accounts::{
        AccountError, Accounts, Confirmation, limits::quota::Quota, notices, sign_in::reauthentication::require_session,
    },
    base::{client::Client, clock::Timestamp},
    credentials::{
        api_tokens::{self, ApiToken, NewApiToken, Scopes},
        sessions::Principal,
    },
    db::{DbConnection, DbError, Tx},
    mail::MessageKind,
    users::{
        self,
        audit::{self, Event},
    },
};

/// The maximum number of live tokens per account. A program that creates one for each run would fill the database.
pub const MAX: i64 = 50;

const MAX_NAME: usize = 100;

/// A token to be created.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    pub name: TokenName,
    pub scopes: Scopes,
    /// `None` if it does not expire.
    pub expires_at: Option<Timestamp>,
}

/// What the user calls a token, such as "backup on nas".
#[derive(Clone, Debug)]
pub struct TokenName(String);

impl TokenName {
    /// # Errors
    /// A message for people that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let name = text.trim();
        match name.chars().count() {
            0 => Err("must not be empty".to_owned()),
            length if length > MAX_NAME => Err(format!("must have at most {MAX_NAME} characters")),
            _ if name.chars().any(char::is_control) => Err("must not contain control characters".to_owned()),
            _ => Ok(Self(name.to_owned())),
        }
    }
}

impl Accounts {
    /// Creates an API token, and returns it with its text, which is not stored.
    ///
    /// # Errors
    /// Needs a fresh session or a confirmation; see [`Accounts::reauthenticate`].
    pub async fn create_api_token(
        &self,
        user: &Principal,
        request: TokenRequest,
        confirmation: Option<Confirmation>,
        client: Client,
        now: Timestamp,
    ) -> Result<(ApiToken, String), AccountError> {
        let (user_id, limits_attempts, mail) = (user.user_id, self.verifier.limits_attempts, self.mail.clone());
        let reauthenticated = self.reauthenticate(user, &client, confirmation, now).await?;
        let create = move |tx: &mut Tx<'_>| {
            // Locks the user, so that simultaneous requests do not exceed the limits.
            let user = reauthenticated.finalize(tx)?;
            if api_tokens::count_live(tx, user_id, now)? >= MAX {
                return Err(AccountError::TooManyTokens);
            }
            if limits_attempts && let Some(until) = Quota::ApiTokens.blocked_until(tx, user_id, now)? {
                return Err(AccountError::Throttled(now.until(until)));
            }
            let secret = api_tokens::generate();
            let TokenRequest { name, scopes, expires_at } = request;
            let token =
                NewApiToken { user_id, token_hash: &secret.hash(), name: &name.0, scopes, created_at: now, expires_at };
            let token = api_tokens::insert(tx, &token)?;
            audit::insert(tx, user_id, Event::ApiTokenCreated, &client, now)?;
            notices::send(tx, mail.as_ref(), MessageKind::ApiTokenCreated, &user, &client, now)?;
            Ok((token, secret.into_text()))
        };
        let created = self.db().write(create).await?;
        self.wake_mail();
        Ok(created)
    }

    /// The user's tokens that have not expired, newest first.
    pub async fn api_tokens(&self, user: &Principal, now: Timestamp) -> Result<Vec<ApiToken>, DbError> {
        let user_id = user.user_id;
        self.db().read(move |connection: &mut DbConnection| api_tokens::list_live(connection, user_id, now)).await
    }

    /// Deletes one of the user's tokens; returns whether it existed. Needs no re-authentication: a user whose token has
    /// leaked must be able to revoke it at once.
    pub async fn delete_api_token(
        &self,
        user: &Principal,
        id: i64,
        client: Client,
        now: Timestamp,
    ) -> Result<bool, AccountError> {
        let (user_id, session_id) = (user.user_id, user.session_id);
        let delete = move |tx: &mut Tx<'_>| {
            users::lock_by_id(tx, user_id)?;
            require_session(tx, session_id, now)?;
            let existed = api_tokens::delete(tx, user_id, id)?;
            if existed {
                audit::insert(tx, user_id, Event::ApiTokenDeleted, &client, now)?;
            }
            Ok(existed)
        };
        self.db().write(delete).await
    }
}

/// Deletes up to `max` of the tokens with ids up to `last`, but not `except`, and records this in the audit of each affected
/// user. Returns the number of deleted tokens. Calling this until it returns 0 deletes all tokens that existed at the start.
pub fn delete_up_to(
    tx: &mut Tx<'_>,
    last: i64,
    except: Option<i64>,
    max: i64,
    operator: &Client,
    now: Timestamp,
) -> Result<usize, DbError> {
    let user_ids = api_tokens::delete_up_to(tx, last, except, max)?;
    audit::insert_of_many(tx, &user_ids, Event::ApiTokenDeleted, operator, now)?;
    Ok(user_ids.len())
}

/// Deletes all tokens of a user that is locked, because whoever created them may not have been the user.
pub(super) fn delete_all(tx: &mut Tx<'_>, user_id: i64, client: &Client, now: Timestamp) -> Result<(), DbError> {
    if api_tokens::delete_of_user(tx, user_id)? > 0 {
        audit::insert(tx, user_id, Event::ApiTokenDeleted, client, now)?;
    }
    Ok(())
}
