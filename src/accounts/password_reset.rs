//! Replaces a password without the old one: by a link, by an operator, or after “This wasn't me”.

use super::{api_tokens, throttle};
use crate::{
    base::{client::Client, clock::Timestamp},
    credentials::sessions,
    db::{DbError, Tx},
    mail::one_time_tokens::{self, Purpose},
    users::{
        self, User,
        audit::{self, Event},
    },
};

/// Stores the hash of a new password for a locked user, and ends everything that the old password or a link in a
/// message gave access to: sessions, trusted browsers, API tokens and links. Wrong passwords no longer count.
///
/// The links of notices stay valid: whoever set the password may be the intruder that a notice warned about.
pub(super) fn reset(
    tx: &mut Tx<'_>,
    user: &User,
    password_hash: &str,
    client: &Client,
    now: Timestamp,
) -> Result<(), DbError> {
    users::set_password(tx, user.id, password_hash, now)?;
    sessions::delete_of_user(tx, user.id)?;
    api_tokens::delete_all(tx, user.id, client, now)?;
    one_time_tokens::delete_of_user(tx, user.id, &[Purpose::VerifyEmail, Purpose::ResetPassword])?;
    throttle::delete_of_user(tx, &user.username)?;
    audit::insert(tx, user.id, Event::PasswordReset, client, now)
}
