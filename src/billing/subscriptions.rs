//! The table `subscriptions`: the latest known facts about each subscription.

use diesel::{
    dsl::{count_star, sql},
    prelude::*,
    sql_types::{BigInt, Nullable},
};
use serde::Serialize;

use super::customers;
use crate::{
    base::clock::Timestamp,
    daily_counts::{self, DayCounts},
    db::{
        DbConnection, DbError, Tx, dispatch,
        schema::{customers as customers_table, subscriptions},
    },
};

/// The status of a grant by an admin, which is not a Stripe status.
pub(super) const GRANTED: &str = "granted";

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = subscriptions)]
#[diesel(treat_none_as_null = true)]
pub struct Subscription {
    /// Stripe's id, or `by-hand-<user id>`.
    pub id: String,
    /// The user who checked out, or who is named in the metadata.
    pub user_id: Option<i64>,
    /// The Stripe event that set `user_id`.
    pub user_event: Option<String>,
    /// Stripe's id of the customer.
    pub customer: Option<String>,
    /// When the user checked out and paid.
    pub checked_out_at: Option<Timestamp>,
    /// The latest status, in Stripe's terms.
    pub status: Option<String>,
    /// The Stripe event that set `status`.
    pub status_event: Option<String>,
    /// When that event was created.
    pub status_at: Option<Timestamp>,
    /// When the subscription was last in good standing: payments that failed earlier have been made since.
    pub last_good_at: Option<Timestamp>,
    /// Until when the subscription is paid.
    pub current_period_end: Option<Timestamp>,
    /// The last invoice whose payment failed.
    pub failed_invoice: Option<String>,
    /// When that payment was first attempted.
    pub failed_at: Option<Timestamp>,
    /// When an admin ended the subscription.
    pub ended_at: Option<Timestamp>,
    /// When the subscription was first paid for.
    pub started_at: Option<Timestamp>,
}

impl Subscription {
    /// When it was first paid for or granted.
    #[must_use]
    pub fn date(&self) -> Option<Timestamp> {
        self.started_at.or(self.status_at)
    }
}

pub fn find(connection: &mut DbConnection, id: &str) -> Result<Option<Subscription>, DbError> {
    let found = dispatch!(connection, |c| subscriptions::table
        .find(id)
        .select(Subscription::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// Inserts or updates a subscription.
pub fn save(tx: &mut Tx<'_>, subscription: &Subscription) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| diesel::insert_into(subscriptions::table)
        .values(subscription)
        .on_conflict(subscriptions::id)
        .do_update()
        .set(subscription)
        .execute(c))?;
    Ok(())
}

/// The subscriptions of a user: those that name the user, and those that name no user but belong to the user's
/// customers.
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

/// The user named by a subscription of a Stripe customer.
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

/// Deletes the subscriptions of a user, including those that are linked only through a customer. They remain in the
/// counts of the days on which they started.
pub fn delete_of_user(tx: &mut Tx<'_>, user_id: i64) -> Result<(), DbError> {
    let subscriptions = of_user(tx, user_id)?;
    let mut days: Vec<_> =
        subscriptions.iter().filter_map(|subscription| Some(subscription.started_at?.day())).collect();
    // In the order of every other transaction, as each locks the days it has changed.
    days.sort_unstable();
    for day in days {
        daily_counts::add(tx, day, DayCounts { conversions: 1, ..DayCounts::default() })?;
    }
    let ids: Vec<String> = subscriptions.into_iter().map(|subscription| subscription.id).collect();
    dispatch!(tx.connection(), |c| diesel::delete(subscriptions::table)
        .filter(subscriptions::id.eq_any(ids))
        .execute(c))?;
    Ok(())
}

diesel::define_sql_function! { fn coalesce(first: Nullable<BigInt>, second: Nullable<BigInt>) -> Nullable<BigInt>; }

/// As [`Subscription::date`], written as in the index `subscriptions_date`.
#[diesel::dsl::auto_type]
fn date() -> _ {
    coalesce(subscriptions::started_at, subscriptions::status_at)
}

/// All users' subscriptions that were paid for or granted, the latest first: the first `limit`, or those after one.
pub fn page(
    connection: &mut DbConnection,
    after: Option<&Subscription>,
    limit: i64,
) -> Result<Vec<Subscription>, DbError> {
    let (at, id) = match after {
        Some(last) => (last.date(), last.id.as_str()),
        None => (Some(Timestamp::from_millis(i64::MAX)), ""),
    };
    let of_customer = subscriptions::customer.eq_any(customers_table::table.select(customers_table::id.nullable()));
    // The first of the two conditions on the date lets the index be used.
    let follows = date().le(at).and(date().lt(at).or(subscriptions::id.lt(id)));
    let found = dispatch!(connection, |c| subscriptions::table
        .filter(subscriptions::started_at.is_not_null().or(subscriptions::status.eq(GRANTED)))
        .filter(subscriptions::user_id.is_not_null().or(of_customer))
        .filter(follows)
        .order((date().desc(), subscriptions::id.desc()))
        .limit(limit)
        .select(Subscription::as_select())
        .load(c));
    Ok(found?)
}

/// How many of all users' subscriptions started on each day from `since` to before `until`. Excludes subscriptions of the same
/// Stripe account that belong to other products, of which there may be many.
pub fn starts(connection: &mut DbConnection, since: Timestamp, until: Timestamp) -> Result<Vec<(i64, i64)>, DbError> {
    let day = || sql::<BigInt>("started_at / 86400000");
    let of_customer = subscriptions::customer.eq_any(customers_table::table.select(customers_table::id.nullable()));
    let found = dispatch!(connection, |c| subscriptions::table
        .filter(subscriptions::user_id.is_not_null().or(of_customer))
        .filter(subscriptions::started_at.ge(since))
        .filter(subscriptions::started_at.lt(until))
        .group_by(day())
        .select((day(), count_star()))
        .load(c));
    Ok(found?)
}
