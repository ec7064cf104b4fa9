//! The table `customers`: which user one of Stripe's customers is.

use diesel::prelude::*;

use crate::db::{DbConnection, DbError, dispatch, schema::customers};

/// A row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = customers)]
pub struct Customer {
    /// Stripe's id.
    pub id: String,
    /// Who it is.
    pub user_id: i64,
    /// Which event says so.
    pub user_event: String,
}

/// The customer with this id.
///
/// # Errors
/// The database's own.
pub fn find(connection: &mut DbConnection, id: &str) -> Result<Option<Customer>, DbError> {
    let found =
        dispatch!(connection, |c| customers::table.find(id).select(Customer::as_select()).get_result(c).optional());
    Ok(found?)
}

/// Adds or changes a customer.
///
/// # Errors
/// The database's own; the user may be gone.
pub fn save(connection: &mut DbConnection, customer: &Customer) -> Result<(), DbError> {
    dispatch!(connection, |c| diesel::insert_into(customers::table)
        .values(customer)
        .on_conflict(customers::id)
        .do_update()
        .set(customer)
        .execute(c))?;
    Ok(())
}

/// The ids of the customers that a user is.
///
/// # Errors
/// The database's own.
pub fn ids_of_user(connection: &mut DbConnection, user_id: i64) -> Result<Vec<String>, DbError> {
    let found = dispatch!(connection, |c| customers::table
        .filter(customers::user_id.eq(user_id))
        .order(customers::id)
        .select(customers::id)
        .load(c));
    Ok(found?)
}
