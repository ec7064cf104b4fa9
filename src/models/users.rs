//! The table `users`.

use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Bool, Nullable, Text},
};

pub use super::{role::Role, second_factor::SecondFactor};
use crate::{
    clock::Timestamp,
    db::{CacheTag, DbConnection, DbError, Tx, dispatch, schema::users},
};

/// A row without the password hash.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct User {
    /// Never reused.
    pub id: i64,
    /// In the original spelling.
    pub username: String,
    /// In the original spelling.
    pub email: Option<String>,
    pub role: Role,
    /// Whether the user may sign in.
    pub is_active: bool,
    pub created_at: Timestamp,
    /// When the user last changed the account.
    pub updated_at: Option<Timestamp>,
    /// Until when the user's reads are not metered.
    pub subscribed_until: Option<Timestamp>,
    /// Since when `email` is verified.
    pub email_verified_at: Option<Timestamp>,
    /// The address that replaces `email` once it is verified.
    pub pending_email: Option<String>,
    /// Whether an authenticator app is enrolled as a second factor.
    pub has_totp: bool,
    /// Whether a passkey is enrolled as a second factor.
    pub has_passkey: bool,
}

/// A user and the password hash to verify against.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct Credentials {
    #[diesel(embed)]
    pub user: User,
    pub password_hash: String,
    /// Incremented with each password change.
    pub password_version: i64,
}

#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct NewUser {
    pub username: String,
    /// The normalized username, for comparison.
    pub username_key: String,
    pub email: Option<String>,
    /// The normalized email address that the account owns.
    pub email_key: Option<String>,
    pub email_verified_at: Option<Timestamp>,
    /// The normalized email address that waits for its verification.
    pub unverified_email_key: Option<String>,
    pub password_hash: String,
    pub role: Role,
    pub is_active: bool,
    /// When the user registered; for imported users, in the former system.
    pub created_at: Timestamp,
    pub last_seen_at: Option<Timestamp>,
}

/// The values to change; `None` leaves a value as it is.
#[derive(Clone, Debug, Default, AsChangeset)]
#[diesel(table_name = users)]
pub struct UserChanges {
    pub username: Option<String>,
    pub username_key: Option<String>,
    /// `Some(None)` removes the address.
    pub email: Option<Option<String>>,
    pub email_key: Option<Option<String>>,
    pub email_verified_at: Option<Option<Timestamp>>,
    pub pending_email: Option<Option<String>>,
    pub unverified_email_key: Option<Option<String>>,
    pub updated_at: Option<Timestamp>,
}

/// Why a user could not be added or changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    #[error("the name is taken")]
    UsernameTaken,
    #[error("the e-mail address is taken")]
    EmailTaken,
    #[error(transparent)]
    Db(DbError),
}

impl User {
    #[must_use]
    pub fn is_email_verified(&self) -> bool {
        self.email.is_some() && self.email_verified_at.is_some()
    }

    /// The second factors that are enrolled.
    #[must_use]
    pub fn second_factors(&self) -> Vec<SecondFactor> {
        let totp = self.has_totp.then_some(SecondFactor::Totp);
        totp.into_iter().chain(self.has_passkey.then_some(SecondFactor::Passkey)).collect()
    }
}

impl From<DbError> for SaveError {
    /// PostgreSQL reports the constraint and SQLite the column; both contain the column's name.
    fn from(error: DbError) -> Self {
        match error {
            DbError::NotUnique(what) if what.contains("username_key") => Self::UsernameTaken,
            DbError::NotUnique(what) if what.contains("email_key") => Self::EmailTaken,
            other => Self::Db(other),
        }
    }
}

pub fn insert(tx: &mut Tx<'_>, user: &NewUser) -> Result<User, SaveError> {
    let inserted = dispatch!(tx.connection(), |c| diesel::insert_into(users::table)
        .values(user)
        .returning(User::as_returning())
        .get_result(c));
    Ok(inserted.map_err(DbError::from)?)
}

/// Finds a user by the normalized username.
pub fn find_credentials(connection: &mut DbConnection, username_key: &str) -> Result<Option<Credentials>, DbError> {
    let found = dispatch!(connection, |c| users::table
        .filter(users::username_key.eq(username_key))
        .select(Credentials::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

pub fn find_credentials_by_id(connection: &mut DbConnection, id: i64) -> Result<Option<Credentials>, DbError> {
    let found = dispatch!(connection, |c| users::table
        .filter(users::id.eq(id))
        .select(Credentials::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// The highest cost of the stored bcrypt hashes, as the two digits written in them. Scans the complete table.
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
    // The two formats have the cost as two digits in a fixed place; a damaged hash may have letters there.
    connection.scan(|connection| {
        Ok(dispatch!(connection, |c| {
            let plain = highest!(c, "$2_$__$%", "substr(password_hash, 5, 2)");
            let long = highest!(c, "$bcrypt-sha256$v=2,t=2b,r=__$%", "substr(password_hash, 27, 2)");
            plain.max(long)
        }))
    })
}

/// Runs a query for a user and locks the user until the transaction ends.
macro_rules! locked {
    ($connection:expr, $query:expr) => {{
        let found = match $connection {
            // No lock is needed: this runs in the single writer's transaction.
            DbConnection::Sqlite(c) => $query.select(User::as_select()).get_result(c).optional(),
            DbConnection::Postgres(c) => $query.select(User::as_select()).for_no_key_update().get_result(c).optional(),
        };
        Ok(found?)
    }};
}

/// Finds the user if the password is still of this version, and locks the user until the transaction ends, so that no
/// session is opened while another transaction ends all sessions.
pub fn lock(tx: &mut Tx<'_>, id: i64, password_version: i64) -> Result<Option<User>, DbError> {
    let is_user = users::id.eq(id).and(users::password_version.eq(password_version));
    locked!(tx.connection(), users::table.filter(is_user))
}

/// # Errors
/// The username or email address is taken, or the user does not exist.
pub fn update(tx: &mut Tx<'_>, id: i64, changes: &UserChanges) -> Result<User, SaveError> {
    tx.invalidate(CacheTag::User(id));
    let updated = dispatch!(tx.connection(), |c| diesel::update(users::table)
        .filter(users::id.eq(id))
        .set(changes)
        .returning(User::as_returning())
        .get_result(c));
    Ok(updated.map_err(DbError::from)?)
}

/// Stores a new hash of the same password.
pub fn replace_hash(tx: &mut Tx<'_>, id: i64, password_version: i64, password_hash: &str) -> Result<(), DbError> {
    let is_user = users::id.eq(id).and(users::password_version.eq(password_version));
    dispatch!(tx.connection(), |c| diesel::update(users::table)
        .filter(is_user)
        .set(users::password_hash.eq(password_hash))
        .execute(c))?;
    Ok(())
}

/// Stores the hash of a new password, unless the password was changed in the meantime; returns whether it was stored.
pub fn change_password(
    tx: &mut Tx<'_>,
    id: i64,
    password_version: i64,
    password_hash: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    tx.invalidate(CacheTag::User(id));
    let is_user = users::id.eq(id).and(users::password_version.eq(password_version));
    let changed = dispatch!(tx.connection(), |c| diesel::update(users::table)
        .filter(is_user)
        .set((
            users::password_hash.eq(password_hash),
            users::password_version.eq(password_version + 1),
            users::updated_at.eq(now)
        ))
        .execute(c))?;
    Ok(changed == 1)
}

/// Finds a user and locks it until the transaction ends.
pub fn lock_by_id(tx: &mut Tx<'_>, id: i64) -> Result<Option<User>, DbError> {
    locked!(tx.connection(), users::table.find(id))
}

pub fn find(connection: &mut DbConnection, id: i64) -> Result<Option<User>, DbError> {
    let found = dispatch!(connection, |c| users::table.find(id).select(User::as_select()).get_result(c).optional());
    Ok(found?)
}

/// Finds a user by the normalized email address.
pub fn find_by_email(connection: &mut DbConnection, email_key: &str) -> Result<Option<User>, DbError> {
    let found = dispatch!(connection, |c| users::table
        .filter(users::email_key.eq(email_key))
        .select(User::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// A user's normalized username and email address.
pub fn find_keys(connection: &mut DbConnection, id: i64) -> Result<Option<(String, Option<String>)>, DbError> {
    let keys = (users::username_key, users::email_key);
    Ok(dispatch!(connection, |c| users::table.find(id).select(keys).get_result(c).optional())?)
}

/// Sets whether a user may sign in. When a user is disabled, a trigger ends the sessions and records the event.
pub fn set_active(tx: &mut Tx<'_>, id: i64, is_active: bool) -> Result<(), DbError> {
    tx.invalidate(CacheTag::User(id));
    dispatch!(tx.connection(), |c| diesel::update(users::table.find(id))
        .set(users::is_active.eq(is_active))
        .execute(c))?;
    Ok(())
}

pub fn set_role(tx: &mut Tx<'_>, id: i64, role: Role) -> Result<(), DbError> {
    tx.invalidate(CacheTag::User(id));
    dispatch!(tx.connection(), |c| diesel::update(users::table.find(id)).set(users::role.eq(role)).execute(c))?;
    Ok(())
}

/// Sets whether an authenticator app is enrolled as a second factor.
pub fn set_has_totp(tx: &mut Tx<'_>, id: i64, has_totp: bool) -> Result<(), DbError> {
    tx.invalidate(CacheTag::User(id));
    dispatch!(tx.connection(), |c| diesel::update(users::table.find(id)).set(users::has_totp.eq(has_totp)).execute(c))?;
    Ok(())
}

/// Sets whether a passkey is enrolled as a second factor.
pub fn set_has_passkey(tx: &mut Tx<'_>, id: i64, has_passkey: bool) -> Result<(), DbError> {
    tx.invalidate(CacheTag::User(id));
    let is_set = users::has_passkey.eq(has_passkey);
    dispatch!(tx.connection(), |c| diesel::update(users::table.find(id)).set(is_set).execute(c))?;
    Ok(())
}

/// Stores the hash of a new password unconditionally; returns whether the user exists.
pub fn reset_password(tx: &mut Tx<'_>, id: i64, password_hash: &str, now: Timestamp) -> Result<bool, DbError> {
    tx.invalidate(CacheTag::User(id));
    let changed = dispatch!(tx.connection(), |c| diesel::update(users::table.find(id))
        .set((
            users::password_hash.eq(password_hash),
            users::password_version.eq(users::password_version + 1),
            users::updated_at.eq(now)
        ))
        .execute(c))?;
    Ok(changed == 1)
}

pub fn set_subscribed_until(tx: &mut Tx<'_>, id: i64, until: Option<Timestamp>) -> Result<(), DbError> {
    tx.invalidate(CacheTag::User(id));
    dispatch!(tx.connection(), |c| diesel::update(users::table.find(id))
        .set(users::subscribed_until.eq(until))
        .execute(c))?;
    Ok(())
}

/// Deletes a user and all rows that belong to the user.
pub fn delete(tx: &mut Tx<'_>, id: i64) -> Result<(), DbError> {
    tx.invalidate(CacheTag::User(id));
    dispatch!(tx.connection(), |c| diesel::delete(users::table).filter(users::id.eq(id)).execute(c))?;
    Ok(())
}
