//! The table `customers`: maps Stripe's customers to users.

use diesel::prelude::*;

use crate::db::{DbConnection, DbError, Tx, dispatch, schema::customers};

#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = customers)]
pub struct Customer {
    /// Stripe's id.
    pub id: String,
    pub user_id: i64,
    /// The Stripe event that set `user_id`.
    pub user_event: String,
}

pub fn find(connection: &mut DbConnection, id: &str) -> Result<Option<Customer>, DbError> {
    let found =
        dispatch!(connection, |c| customers::table.find(id).select(Customer::as_select()).get_result(c).optional());
    Ok(found?)
}

/// Inserts or updates a customer.
pub fn save(tx: &mut Tx<'_>, customer: &Customer) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| diesel::insert_into(customers::table)
        .values(customer)
        .on_conflict(customers::id)
        .do_update()
        .set(customer)
        .execute(c))?;
    Ok(())
}

/// Adds a customer that is not there yet. Any event overrides it, because its `user_event` is empty.
pub fn add(tx: &mut Tx<'_>, customer: &Customer) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| diesel::insert_into(customers::table)
        .values(customer)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// The ids of a user's customers.
pub fn ids_of_user(connection: &mut DbConnection, user_id: i64) -> Result<Vec<String>, DbError> {
    let found = dispatch!(connection, |c| customers::table
        .filter(customers::user_id.eq(user_id))
        .order(customers::id)
        .select(customers::id)
        .load(c));
    Ok(found?)
}
