//! The table `payments`: completed checkouts that belonged to no account when they arrived.

use diesel::{prelude::*, sql_types::Bool};
use serde::Serialize;

use crate::{
    base::clock::Timestamp,
    db::{DbConnection, DbError, Tx, dispatch, schema::payments},
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = payments)]
pub struct Payment {
    /// Stripe's id of the checkout.
    pub id: String,
    /// Stripe's id of the subscription; `None` for a one-time payment.
    pub subscription: Option<String>,
    /// Stripe's id of the customer.
    pub customer: Option<String>,
    /// The payer's address, until the payment is assigned.
    pub email: Option<String>,
    /// In the smallest unit of the currency.
    pub amount: Option<i64>,
    pub currency: Option<String>,
    pub received_at: Timestamp,
    /// Whose payment it is.
    pub user_id: Option<i64>,
    pub assigned_at: Option<Timestamp>,
}

/// Adds a payment, unless it is known.
pub fn insert(tx: &mut Tx<'_>, payment: &Payment) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| diesel::insert_into(payments::table)
        .values(payment)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Finds a payment. Call it with Stripe's events locked, so that no other transaction assigns it meanwhile.
pub fn find(connection: &mut DbConnection, id: &str) -> Result<Option<Payment>, DbError> {
    let found =
        dispatch!(connection, |c| payments::table.find(id).select(Payment::as_select()).get_result(c).optional());
    Ok(found?)
}

macro_rules! assigned {
    ($which:expr, $user_id:expr, $now:expr) => {
        diesel::update(payments::table.filter($which)).set((
            payments::user_id.eq(Some($user_id)),
            payments::assigned_at.eq(Some($now)),
            payments::email.eq(None::<String>),
        ))
    };
}
/// Records whose payment it is. The account's address is known, so the payer's is forgotten.
pub fn assign(tx: &mut Tx<'_>, id: &str, user_id: i64, now: Timestamp) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| assigned!(payments::id.eq(id), user_id, now).execute(c))?;
    Ok(())
}

/// As [`assign`], for the payments of a subscription that belongs to nobody yet.
pub fn assign_of_subscription(
    tx: &mut Tx<'_>,
    subscription: &str,
    user_id: i64,
    now: Timestamp,
) -> Result<(), DbError> {
    let unmatched = payments::user_id.is_null().and(payments::subscription.eq(subscription));
    dispatch!(tx.connection(), |c| assigned!(unmatched, user_id, now).execute(c))?;
    Ok(())
}

/// The latest payments, all or those that belong to no account, up to `max`.
pub fn list(connection: &mut DbConnection, only_unmatched: bool, max: i64) -> Result<Vec<Payment>, DbError> {
    let matches = payments::user_id.is_null().or((!only_unmatched).into_sql::<Bool>());
    Ok(dispatch!(connection, |c| payments::table
        .filter(matches)
        .order((payments::received_at.desc(), payments::id))
        .limit(max)
        .select(Payment::as_select())
        .load(c))?)
}

/// The next `limit` payments after one, in the order of [`list`].
pub fn page(
    connection: &mut DbConnection,
    only_unmatched: bool,
    after: Option<&Payment>,
    limit: i64,
) -> Result<Vec<Payment>, DbError> {
    let Some(Payment { id, received_at, .. }) = after else { return list(connection, only_unmatched, limit) };
    let matches = payments::user_id.is_null().or((!only_unmatched).into_sql::<Bool>());
    let same_time = payments::received_at.eq(*received_at).and(payments::id.gt(id));
    Ok(dispatch!(connection, |c| payments::table
        .filter(matches)
        .filter(payments::received_at.lt(*received_at).or(same_time))
        .order((payments::received_at.desc(), payments::id))
        .limit(limit)
        .select(Payment::as_select())
        .load(c))?)
}

/// The number of payments that belong to no account.
pub fn count_unmatched(connection: &mut DbConnection) -> Result<i64, DbError> {
    let unmatched = payments::table.filter(payments::user_id.is_null());
    Ok(dispatch!(connection, |c| unmatched.count().get_result(c))?)
}

/// Deletes the payments that are a user's.
pub fn delete_of_user(tx: &mut Tx<'_>, user_id: i64) -> Result<(), DbError> {
    let of_user = payments::table.filter(payments::user_id.eq(user_id));
    dispatch!(tx.connection(), |c| diesel::delete(of_user).execute(c))?;
    Ok(())
}

/// Deletes a payment that belongs to no account, and returns whether it existed.
pub fn delete_unmatched(tx: &mut Tx<'_>, id: &str) -> Result<bool, DbError> {
    let unmatched = payments::table.find(id).filter(payments::user_id.is_null());
    let deleted = dispatch!(tx.connection(), |c| diesel::delete(unmatched).execute(c))?;
    Ok(deleted == 1)
}
