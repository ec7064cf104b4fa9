//! The table `users`.

use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Bool, Nullable, Text},
};

pub use super::role::Role;
use crate::{
    clock::Timestamp,
    db::{self, CacheTag, DbConnection, DbError, dispatch, schema::users},
};

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
    /// Until when the user's reads are not metered.
    pub subscribed_until: Option<Timestamp>,
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
    /// How many passwords the user has had before this one.
    pub password_version: i64,
}

/// A user to be.
#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
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
    /// What the user may do.
    pub role: Role,
    /// Whether the user may sign in.
    pub is_active: bool,
    /// When the user registered, here or elsewhere.
    pub created_at: Timestamp,
    /// When the user was last seen here.
    pub last_seen_at: Option<Timestamp>,
}

/// What a user changes; `None` is left as it is.
#[derive(Clone, Debug, Default, AsChangeset)]
#[diesel(table_name = users)]
pub struct UserChanges {
    /// As typed.
    pub username: Option<String>,
    /// As compared.
    pub username_key: Option<String>,
    /// As typed; `Some(None)` removes it.
    pub email: Option<Option<String>>,
    /// As compared.
    pub email_key: Option<Option<String>>,
    /// Now.
    pub updated_at: Option<Timestamp>,
}

/// Why a user could not be added or changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
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

impl From<DbError> for SaveError {
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
pub fn insert(connection: &mut DbConnection, user: &NewUser) -> Result<User, SaveError> {
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

/// The user with this id.
///
/// # Errors
/// The database's own.
pub fn find_credentials_by_id(connection: &mut DbConnection, id: i64) -> Result<Option<Credentials>, DbError> {
    let found = dispatch!(connection, |c| users::table
        .filter(users::id.eq(id))
        .select(Credentials::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// The highest cost of the stored bcrypt hashes, as it is written in them. Reads the whole table.
///
/// # Errors
/// The database's own.
pub fn highest_bcrypt_cost(connection: &mut DbConnection) -> Result<Option<String>, DbError> {
    macro_rules! highest {
        ($c:expr, $pattern:literal, $cost:literal) => {
            users::table
                .filter(users::password_hash.like($pattern))
                .filter(sql::<Bool>(concat!($cost, " <= '31'")))
                .select(sql::<Nullable<Text>>(concat!("max(", $cost, ")")))
                .get_result::<Option<String>>($c)?
        };
    }
    // The two forms in which a cost has two digits in a fixed place; a damaged hash may have letters there.
    Ok(dispatch!(connection, |c| {
        let plain = highest!(c, "$2_$__$%", "substr(password_hash, 5, 2)");
        let long = highest!(c, "$bcrypt-sha256$v=2,t=2b,r=__$%", "substr(password_hash, 27, 2)");
        plain.max(long)
    }))
}

/// The user that a query finds, whom nobody changes until the transaction ends.
macro_rules! locked {
    ($connection:expr, $query:expr) => {{
        let found = match $connection {
            // It has one writer, and this is a write's transaction.
            DbConnection::Sqlite(c) => $query.select(User::as_select()).get_result(c).optional(),
            DbConnection::Postgres(c) => $query.select(User::as_select()).for_no_key_update().get_result(c).optional(),
        };
        Ok(found?)
    }};
}

/// The user with this id, where the password is still the one of this version. Nobody changes the user until the
/// transaction ends, so that a session is not opened beside a change that ends all sessions.
///
/// # Errors
/// The database's own.
pub fn lock(connection: &mut DbConnection, id: i64, password_version: i64) -> Result<Option<User>, DbError> {
    let is_user = users::id.eq(id).and(users::password_version.eq(password_version));
    locked!(connection, users::table.filter(is_user))
}

/// Changes what a user goes by.
///
/// # Errors
/// The name or the address is taken, or the user is gone.
pub fn update(connection: &mut DbConnection, id: i64, changes: &UserChanges) -> Result<User, SaveError> {
    db::invalidate(CacheTag::User(id));
    let updated = dispatch!(connection, |c| diesel::update(users::table)
        .filter(users::id.eq(id))
        .set(changes)
        .returning(User::as_returning())
        .get_result(c));
    Ok(updated.map_err(DbError::from)?)
}

/// Stores another hash of the same password.
///
/// # Errors
/// The database's own.
pub fn replace_hash(
    connection: &mut DbConnection,
    id: i64,
    password_version: i64,
    password_hash: &str,
) -> Result<(), DbError> {
    let is_user = users::id.eq(id).and(users::password_version.eq(password_version));
    dispatch!(connection, |c| diesel::update(users::table)
        .filter(is_user)
        .set(users::password_hash.eq(password_hash))
        .execute(c))?;
    Ok(())
}

/// Stores the hash of another password, where nobody else has in the meantime; whether it was done.
///
/// # Errors
/// The database's own.
pub fn change_password(
    connection: &mut DbConnection,
    id: i64,
    password_version: i64,
    password_hash: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    db::invalidate(CacheTag::User(id));
    let is_user = users::id.eq(id).and(users::password_version.eq(password_version));
    let changed = dispatch!(connection, |c| diesel::update(users::table)
        .filter(is_user)
        .set((
            users::password_hash.eq(password_hash),
            users::password_version.eq(password_version + 1),
            users::updated_at.eq(now)
        ))
        .execute(c))?;
    Ok(changed == 1)
}

/// The user with this id. Nobody changes the user until the transaction ends.
///
/// # Errors
/// The database's own.
pub fn lock_by_id(connection: &mut DbConnection, id: i64) -> Result<Option<User>, DbError> {
    locked!(connection, users::table.find(id))
}

/// The user with this id.
///
/// # Errors
/// The database's own.
pub fn find(connection: &mut DbConnection, id: i64) -> Result<Option<User>, DbError> {
    let found = dispatch!(connection, |c| users::table.find(id).select(User::as_select()).get_result(c).optional());
    Ok(found?)
}

/// The user with this e-mail address, as compared.
///
/// # Errors
/// The database's own.
pub fn find_by_email(connection: &mut DbConnection, email_key: &str) -> Result<Option<User>, DbError> {
    let found = dispatch!(connection, |c| users::table
        .filter(users::email_key.eq(email_key))
        .select(User::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// A user's name and e-mail address, as compared.
///
/// # Errors
/// The database's own.
pub fn find_keys(connection: &mut DbConnection, id: i64) -> Result<Option<(String, Option<String>)>, DbError> {
    let keys = (users::username_key, users::email_key);
    Ok(dispatch!(connection, |c| users::table.find(id).select(keys).get_result(c).optional())?)
}

/// Sets whether a user may sign in; the database itself ends the sessions of one who may not, and notes it.
///
/// # Errors
/// The database's own.
pub fn set_active(connection: &mut DbConnection, id: i64, is_active: bool) -> Result<(), DbError> {
    db::invalidate(CacheTag::User(id));
    dispatch!(connection, |c| diesel::update(users::table.find(id)).set(users::is_active.eq(is_active)).execute(c))?;
    Ok(())
}

/// Sets what a user may do.
///
/// # Errors
/// The database's own.
pub fn set_role(connection: &mut DbConnection, id: i64, role: Role) -> Result<(), DbError> {
    db::invalidate(CacheTag::User(id));
    dispatch!(connection, |c| diesel::update(users::table.find(id)).set(users::role.eq(role)).execute(c))?;
    Ok(())
}

/// Stores the hash of another password, whatever the one before was; whether there is such a user.
///
/// # Errors
/// The database's own.
pub fn reset_password(
    connection: &mut DbConnection,
    id: i64,
    password_hash: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    db::invalidate(CacheTag::User(id));
    let changed = dispatch!(connection, |c| diesel::update(users::table.find(id))
        .set((
            users::password_hash.eq(password_hash),
            users::password_version.eq(users::password_version + 1),
            users::updated_at.eq(now)
        ))
        .execute(c))?;
    Ok(changed == 1)
}

/// Sets until when a user's reads are not metered.
///
/// # Errors
/// The database's own.
pub fn set_subscribed_until(connection: &mut DbConnection, id: i64, until: Option<Timestamp>) -> Result<(), DbError> {
    db::invalidate(CacheTag::User(id));
    dispatch!(connection, |c| diesel::update(users::table.find(id)).set(users::subscribed_until.eq(until)).execute(c))?;
    Ok(())
}

/// Deletes a user with all rows that are the user's.
///
/// # Errors
/// The database's own.
pub fn delete(connection: &mut DbConnection, id: i64) -> Result<(), DbError> {
    db::invalidate(CacheTag::User(id));
    dispatch!(connection, |c| diesel::delete(users::table).filter(users::id.eq(id)).execute(c))?;
    Ok(())
}
