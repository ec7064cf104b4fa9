//! Files with users that other programs write. Their columns are told by their header.

use super::fields::Column;

/// The program that wrote a CSV file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// A file made for tollgate, in which an unknown column is a mistake.
    Own,
    /// The members that Ghost exports.
    Ghost,
    /// The table `wp_users`, or what `wp user list --format=csv` writes.
    WordPress,
    /// The customers that Stripe exports.
    Stripe,
}

impl Dialect {
    /// Recognizes a header by columns that no other program has.
    pub(super) fn of(header: &[&str]) -> Self {
        let has = |names: &[&str]| names.iter().all(|name| header.contains(name));
        if has(&["email", "subscribed_to_emails"]) {
            Self::Ghost
        } else if has(&["user_login", "user_email"]) {
            Self::WordPress
        } else if has(&["id", "Email", "Created (UTC)"]) {
            Self::Stripe
        } else {
            Self::Own
        }
    }

    /// What a column means; `None` if it is not needed.
    ///
    /// # Errors
    /// A message for people.
    pub(super) fn column(self, name: &str) -> Result<Option<Column>, String> {
        Ok(match (self, name) {
            (Self::Own, _) => Some(Column::named(name)?),
            (Self::Ghost, "email") | (Self::WordPress, "user_email") | (Self::Stripe, "Email") => Some(Column::Email),
            (Self::Ghost, "created_at") | (Self::WordPress, "user_registered") | (Self::Stripe, "Created (UTC)") => {
                Some(Column::CreatedAt)
            }
            (Self::Ghost, "stripe_customer_id") | (Self::Stripe, "id") => Some(Column::StripeCustomer),
            (Self::Ghost, "complimentary_plan") => Some(Column::Complimentary),
            (Self::WordPress, "user_login") => Some(Column::Username),
            (Self::WordPress, "user_pass") => Some(Column::PasswordHash),
            _ => None,
        })
    }

    /// The value of a cell that is not empty; `None` if it stands for no value.
    pub(super) fn value(self, column: Column, text: &str) -> Option<String> {
        if self == Self::Own || column != Column::CreatedAt {
            return Some(text.to_owned());
        }
        // What a database writes for no date.
        if text.starts_with("0000-") {
            return None;
        }
        // As in `2024-05-06 07:08` and `2024-05-06 07:08:09`, in UTC.
        Some(match (text.split_once(' '), text.len()) {
            (Some((day, time)), 16) => format!("{day}T{time}:00Z"),
            (Some((day, time)), 19) => format!("{day}T{time}Z"),
            _ => text.to_owned(),
        })
    }
}
