//! The table `subscriptions`: what is known of each, of every kind the latest.

use diesel::prelude::*;
use serde::Serialize;

use super::customers;
use crate::{
    clock::Timestamp,
    db::{
        DbConnection, DbError, dispatch,
        schema::{customers as customers_table, subscriptions},
    },
};

/// A row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = subscriptions)]
#[diesel(treat_none_as_null = true)]
pub struct Subscription {
    /// Stripe's id, or `by-hand-<user id>`.
    pub id: String,
    /// Who checked out, or is named in the metadata.
    pub user_id: Option<i64>,
    /// Which event says so.
    pub user_event: Option<String>,
    /// Stripe's id of the customer.
    pub customer: Option<String>,
    /// When somebody checked out and paid.
    pub checked_out_at: Option<Timestamp>,
    /// The last word on its state, as Stripe has it.
    pub status: Option<String>,
    /// Which event says so.
    pub status_event: Option<String>,
    /// When that was.
    pub status_at: Option<Timestamp>,
    /// When it was last good: a payment that failed before that was made up for.
    pub last_good_at: Option<Timestamp>,
    /// Until when it is paid.
    pub current_period_end: Option<Timestamp>,
    /// The last invoice that was not paid.
    pub failed_invoice: Option<String>,
    /// When that was first tried.
    pub failed_at: Option<Timestamp>,
    /// When an admin ended it.
    pub ended_at: Option<Timestamp>,
    /// When it was first paid for.
    pub started_at: Option<Timestamp>,
}

/// The subscription with this id.
///
/// # Errors
/// The database's own.
pub fn find(connection: &mut DbConnection, id: &str) -> Result<Option<Subscription>, DbError> {
    let found = dispatch!(connection, |c| subscriptions::table
        .find(id)
        .select(Subscription::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// Adds or changes a subscription.
///
/// # Errors
/// The database's own; the user may be gone.
pub fn save(connection: &mut DbConnection, subscription: &Subscription) -> Result<(), DbError> {
    dispatch!(connection, |c| diesel::insert_into(subscriptions::table)
        .values(subscription)
        .on_conflict(subscriptions::id)
        .do_update()
        .set(subscription)
        .execute(c))?;
    Ok(())
}

/// The subscriptions of a user: those that name the user, and of those that name nobody those of the user's customers.
///
/// # Errors
/// The database's own.
pub fn of_user(connection: &mut DbConnection, user_id: i64) -> Result<Vec<Subscription>, DbError> {
    let ids = customers::ids_of_user(connection, user_id)?;
    let by_customer = subscriptions::user_id.is_null().and(subscriptions::customer.eq_any(ids));
    let found = dispatch!(connection, |c| subscriptions::table
        .filter(subscriptions::user_id.eq(user_id).or(by_customer))
        .order(subscriptions::id)
        .select(Subscription::as_select())
        .load(c));
    Ok(found?)
}

/// The user whom a subscription of one of Stripe's customers names.
///
/// # Errors
/// The database's own.
pub fn user_of_customer(connection: &mut DbConnection, customer: &str) -> Result<Option<i64>, DbError> {
    let found = dispatch!(connection, |c| subscriptions::table
        .filter(subscriptions::customer.eq(customer))
        .filter(subscriptions::user_id.is_not_null())
        .order(subscriptions::user_event.desc())
        .select(subscriptions::user_id.assume_not_null())
        .first(c)
        .optional());
    Ok(found?)
}

/// Deletes the subscriptions of a user, those that only the customer ties to the user too.
///
/// # Errors
/// The database's own.
pub fn delete_of_user(connection: &mut DbConnection, user_id: i64) -> Result<(), DbError> {
    let ids: Vec<String> = of_user(connection, user_id)?.into_iter().map(|subscription| subscription.id).collect();
    dispatch!(connection, |c| diesel::delete(subscriptions::table).filter(subscriptions::id.eq_any(ids)).execute(c))?;
    Ok(())
}

/// When each of the users' subscriptions was first paid for that were so from `since` to before `until`. Others of the
/// same account at Stripe are none of ours, and may be many.
///
/// # Errors
/// The database's own.
pub fn starts(connection: &mut DbConnection, since: Timestamp, until: Timestamp) -> Result<Vec<Timestamp>, DbError> {
    let of_customer = subscriptions::customer.eq_any(customers_table::table.select(customers_table::id.nullable()));
    let found = dispatch!(connection, |c| subscriptions::table
        .filter(subscriptions::user_id.is_not_null().or(of_customer))
        .filter(subscriptions::started_at.ge(since))
        .filter(subscriptions::started_at.lt(until))
        .select(subscriptions::started_at.assume_not_null())
        .load(c));
    Ok(found?)
}
