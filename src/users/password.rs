//! Password hashes.

use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Bool, Nullable, Text},
};

use crate::{
    base::clock::Timestamp,
    db::{CacheTag, DbConnection, DbError, Tx, dispatch, schema::users},
};

/// Stands for the hash of an account that has no password.
pub const NO_PASSWORD: &str = "none";

/// Stores a new hash of the same password.
pub fn replace_hash(tx: &mut Tx<'_>, id: i64, password_version: i64, password_hash: &str) -> Result<(), DbError> {
    let is_user = users::id.eq(id).and(users::password_version.eq(password_version));
    dispatch!(tx.connection(), |c| diesel::update(users::table)
        .filter(is_user)
        .set(users::password_hash.eq(password_hash))
        .execute(c))?;
    Ok(())
}

/// Stores the hash of a new password of a user who is locked.
pub fn set_password(tx: &mut Tx<'_>, id: i64, password_hash: &str, now: Timestamp) -> Result<(), DbError> {
    tx.invalidate(CacheTag::User(id));
    let changes = (
        users::password_hash.eq(password_hash),
        users::password_version.eq(users::password_version + 1),
        users::updated_at.eq(now),
    );
    dispatch!(tx.connection(), |c| diesel::update(users::table.find(id)).set(changes).execute(c))?;
    Ok(())
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
