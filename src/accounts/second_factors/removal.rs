//! Removing second factors.

use super::change::FactorChange;
use crate::{
    accounts::{AccountError, Accounts, Confirmation},
    base::{client::Client, clock::Timestamp},
    credentials::{passkeys, pending_logins, recovery_codes, sessions::Principal, totp_seeds, trusted_browsers},
    db::{DbError, Tx},
    users::{
        self, User,
        audit::{self, Event},
    },
};

impl Accounts {
    /// Removes the authenticator app. Without another second factor, the recovery codes go too.
    ///
    /// # Errors
    /// Needs a fresh session or a confirmation; see [`Accounts::reauthenticate`].
    pub async fn remove_totp(
        &self,
        user: &Principal,
        confirmation: Option<Confirmation>,
        client: Client,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let reauthenticated = self.reauthenticate(user, &client, confirmation, now).await?;
        let changes = self.factor_changes(client, now);
        let remove = move |tx: &mut Tx<'_>| {
            let user = reauthenticated.finalize(tx)?;
            if !user.has_totp {
                return Err(AccountError::NotEnrolled);
            }
            remove_app(tx, &user)?;
            changes.record(tx, &user, FactorChange::AppRemoved)
        };
        self.db().write::<_, AccountError, _>(remove).await?;
        self.wake_mail();
        Ok(())
    }
}

/// Removes the authenticator app of a locked user. Without another second factor, the recovery codes go too.
fn remove_app(tx: &mut Tx<'_>, user: &User) -> Result<(), DbError> {
    totp_seeds::delete(tx, user.id)?;
    users::set_has_totp(tx, user.id, false)?;
    after_removal(tx, user.id, user.has_passkey)
}

/// Removes a passkey of a locked user, and the recovery codes like [`remove_app`]. Returns whether it existed.
#[cfg(feature = "passkeys")]
pub(super) fn remove_passkey(tx: &mut Tx<'_>, user: &User, id: i64) -> Result<bool, DbError> {
    if !passkeys::delete(tx, user.id, id)? {
        return Ok(false);
    }
    after_passkey_removal(tx, user)?;
    Ok(true)
}

/// Removes the second factors that a locked user has added since a time ([`notices::time_of_change`]), and recovery
/// codes that were replaced since or are left without a factor. Returns whether a factor was removed.
pub(in crate::accounts) fn remove_added_since(tx: &mut Tx<'_>, user: &User, since: Timestamp) -> Result<bool, DbError> {
    let confirmed_at = totp_seeds::find(tx, user.id)?.and_then(|seed| seed.confirmed_at);
    let removes_app = user.has_totp && confirmed_at.is_some_and(|at| at >= since);
    if removes_app {
        remove_app(tx, user)?;
    }
    let removes_passkeys = passkeys::delete_since(tx, user.id, since)? > 0;
    if removes_passkeys {
        after_passkey_removal(tx, user)?;
    }
    if audit::has_since(tx, user.id, Event::RecoveryCodesReplaced, since)? {
        recovery_codes::delete_of_user(tx, user.id)?;
    }
    Ok(removes_app || removes_passkeys)
}

fn after_passkey_removal(tx: &mut Tx<'_>, user: &User) -> Result<(), DbError> {
    let has_passkey = !passkeys::list(tx, user.id)?.is_empty();
    users::set_has_passkey(tx, user.id, has_passkey)?;
    // Read again, because the app may have been removed in this transaction.
    let has_totp = users::find(tx, user.id)?.is_some_and(|user| user.has_totp);
    after_removal(tx, user.id, has_passkey || has_totp)
}

fn after_removal(tx: &mut Tx<'_>, user_id: i64, has_another: bool) -> Result<(), DbError> {
    if !has_another {
        recovery_codes::delete_of_user(tx, user_id)?;
    }
    end_logins_and_trust(tx, user_id)
}

/// Removes all second factors of a user that is locked.
pub(in crate::accounts) fn remove_all(tx: &mut Tx<'_>, user_id: i64) -> Result<(), DbError> {
    totp_seeds::delete(tx, user_id)?;
    users::set_has_totp(tx, user_id, false)?;
    passkeys::delete_of_user(tx, user_id)?;
    users::set_has_passkey(tx, user_id, false)?;
    recovery_codes::delete_of_user(tx, user_id)?;
    end_logins_and_trust(tx, user_id)
}

/// Ends what depends on the set of factors.
pub(super) fn end_logins_and_trust(tx: &mut Tx<'_>, user_id: i64) -> Result<(), DbError> {
    pending_logins::delete_of_user(tx, user_id)?;
    trusted_browsers::delete_others(tx, user_id, None)?;
    Ok(())
}
