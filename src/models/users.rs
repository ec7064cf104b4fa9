//! The table `users`.

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    prelude::*,
    serialize::{self, Output, ToSql},
    sql_types::Text,
};
use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError, dispatch, schema::users},
};

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(rename_all = "lowercase")]
#[diesel(sql_type = Text)]
pub enum Role {
    /// Read.
    User,
    /// Also write.
    Admin,
}

/// A row, but for the password's hash.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct User {
    /// Never given to another user.
    pub id: i64,
    /// As typed at registration.
    pub username: String,
    /// As typed at registration.
    pub email: Option<String>,
    /// What the user may do.
    pub role: Role,
    /// Whether the user may sign in.
    pub is_active: bool,
    /// When the user registered.
    pub created_at: Timestamp,
    /// When the user last changed something of this.
    pub updated_at: Option<Timestamp>,
}

/// A user and the hash that the password is held against.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct Credentials {
    /// Who signs in.
    #[diesel(embed)]
    pub user: User,
    /// What is stored instead of the password.
    pub password_hash: String,
}

/// A user to be.
#[derive(Insertable)]
#[diesel(table_name = users)]
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct NewUser {
    /// As typed.
    pub username: String,
    /// As compared.
    pub username_key: String,
    /// As typed.
    pub email: Option<String>,
    /// As compared.
    pub email_key: Option<String>,
    /// What is stored instead of the password.
    pub password_hash: String,
    /// Now.
    pub created_at: Timestamp,
}

/// Why a user could not be added.
#[derive(Debug, thiserror::Error)]
pub enum InsertError {
    /// Somebody has this name.
    #[error("the name is taken")]
    UsernameTaken,
    /// Somebody has this address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// The database's own fault.
    #[error(transparent)]
    Db(DbError),
}

impl From<DbError> for InsertError {
    /// PostgreSQL names the constraint, SQLite the column: both hold the column's name.
    fn from(error: DbError) -> Self {
        match error {
            DbError::NotUnique(what) if what.contains("username_key") => Self::UsernameTaken,
            DbError::NotUnique(what) if what.contains("email_key") => Self::EmailTaken,
            other => Self::Db(other),
        }
    }
}

/// Adds a user.
///
/// # Errors
/// The name or the address is taken.
pub fn insert(connection: &mut DbConnection, user: &NewUser) -> Result<User, InsertError> {
    let inserted = dispatch!(connection, |c| diesel::insert_into(users::table)
        .values(user)
        .returning(User::as_returning())
        .get_result(c));
    Ok(inserted.map_err(DbError::from)?)
}

/// The user of this name, as compared.
///
/// # Errors
/// The database's own.
pub fn find_credentials(connection: &mut DbConnection, username_key: &str) -> Result<Option<Credentials>, DbError> {
    let found = dispatch!(connection, |c| users::table
        .filter(users::username_key.eq(username_key))
        .select(Credentials::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

impl Role {
    fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }
}

impl<DB: Backend> FromSql<Text, DB> for Role
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        match String::from_sql(bytes)?.as_str() {
            "user" => Ok(Self::User),
            "admin" => Ok(Self::Admin),
            other => Err(format!("no such role: {other}").into()),
        }
    }
}

impl<DB: Backend> ToSql<Text, DB> for Role
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.as_str().to_sql(out)
    }
}
