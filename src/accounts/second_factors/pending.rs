//! Logins with a correct password that still need the second factor. The browser identifies its login by a cookie,
//! which is not a session: it only permits trying the second factor.

use std::time::Duration;

use super::{Method, SeedKeys};
use crate::{
    accounts::{AccountError, Accounts},
    base::{clock::Timestamp, secrets},
    credentials::{
        pending_logins::{self, NewPendingLogin},
        recovery_codes, totp_seeds,
    },
    db::{DbConnection, DbError, Tx},
    users::{self, SecondFactor, User},
};

/// How long the second factor may take.
const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// Per user: whoever knows the password could otherwise fill the database. The oldest ends, so that nobody is locked
/// out.
const MAX: i64 = 30;

/// A login that waits for its second factor.
#[expect(missing_debug_implementations, reason = "the token must not be shown")]
pub struct PendingLogin {
    /// The token for the browser's cookie.
    pub token: String,
    pub methods: Vec<Method>,
    pub expires_at: Timestamp,
}

/// Begins a login whose password was correct. The user must be locked.
pub(in crate::accounts) fn begin(
    tx: &mut Tx<'_>,
    seeds: &SeedKeys,
    user: &User,
    password_version: i64,
    stay_signed_in: bool,
    now: Timestamp,
) -> Result<PendingLogin, DbError> {
    let (token, expires_at) = (secrets::random_token(), now.after(LIFETIME));
    let token_hash = secrets::digest(&token);
    pending_logins::delete_oldest(tx, user.id, MAX - 1)?;
    let pending = NewPendingLogin {
        token_hash: &token_hash,
        user_id: user.id,
        password_version,
        stay_signed_in,
        created_at: now,
        expires_at,
    };
    pending_logins::insert(tx, &pending)?;
    Ok(PendingLogin { token, methods: methods(tx, seeds, user)?, expires_at })
}

/// Finds a login and its user, who is locked. It is invalid after a change of the password, after its expiry, and if
/// the account is disabled.
pub(super) fn lock(
    tx: &mut Tx<'_>,
    token: &str,
    now: Timestamp,
) -> Result<Option<(pending_logins::PendingLogin, User)>, DbError> {
    let token_hash = secrets::digest(token);
    let Some(pending) = pending_logins::find(tx, &token_hash, now)? else { return Ok(None) };
    let user = users::lock(tx, pending.user_id, pending.password_version)?.filter(|user| user.is_active);
    // Again: another request with the same cookie may have completed the login while this one waited for the lock, and
    // its code must not count as wrong here.
    let pending = pending_logins::find(tx, &token_hash, now)?;
    Ok(pending.zip(user))
}

/// The methods with which the user can pass the second step.
fn methods(connection: &mut DbConnection, seeds: &SeedKeys, user: &User) -> Result<Vec<Method>, DbError> {
    let has_readable_seed = user.has_totp
        && totp_seeds::find(connection, user.id)?
            .is_some_and(|stored| seeds.open_or_warn(&stored.sealed, user.id).is_some());
    let of_factor = |factor: SecondFactor| match factor {
        SecondFactor::Totp => has_readable_seed.then_some(Method::Totp),
        // A build without this feature still asks for an enrolled passkey; only a recovery code helps there.
        SecondFactor::Passkey => cfg!(feature = "passkeys").then_some(Method::Passkey),
    };
    let mut methods: Vec<_> = user.second_factors().into_iter().filter_map(of_factor).collect();
    if recovery_codes::count(connection, user.id)? > 0 {
        methods.push(Method::RecoveryCode);
    }
    Ok(methods)
}

impl Accounts {
    /// What the login with this token may be completed with.
    pub async fn pending_methods(
        &self,
        seeds: SeedKeys,
        token: String,
        now: Timestamp,
    ) -> Result<Vec<Method>, AccountError> {
        let find = move |connection: &mut DbConnection| {
            let pending = pending_logins::find(connection, &secrets::digest(&token), now)?;
            let pending = pending.ok_or(AccountError::LoginExpired)?;
            let user = users::find(connection, pending.user_id)?.ok_or(AccountError::LoginExpired)?;
            Ok(methods(connection, &seeds, &user)?)
        };
        self.db().read(find).await
    }
}
