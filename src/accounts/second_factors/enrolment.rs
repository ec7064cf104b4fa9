//! A user's enrolled second factors, enrolling an authenticator app, and new recovery codes.

use std::time::Duration;

use super::{SeedKeys, change::FactorChange, recovery_codes, removal, totp, wrong_codes};
use crate::{
    accounts::{AccountError, Accounts, Confirmation, notices, sign_in::reauthentication::require_session},
    base::{client::Client, clock::Timestamp, secrets},
    credentials::{
        passkeys::{self, Passkey},
        recovery_codes::count as count_recovery_codes,
        sessions::Principal,
        totp_seeds,
    },
    db::{DbConnection, DbError, Tx},
    users::{self, User},
};

/// How long a user may take to enter the first code.
pub const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// A seed for an authenticator app. It is shown once.
#[expect(missing_debug_implementations, reason = "the seed must not be shown")]
pub struct Enrolment {
    /// For typing it in.
    pub secret: String,
    pub otpauth_uri: String,
    /// The address as a QR code.
    pub qr_svg: String,
}

impl Accounts {
    /// The user's passkeys, and whether recovery codes are left.
    pub async fn factors(&self, user: &Principal) -> Result<(Vec<Passkey>, bool), AccountError> {
        let user_id = user.user_id;
        let read = move |connection: &mut DbConnection| {
            Ok((passkeys::list(connection, user_id)?, count_recovery_codes(connection, user_id)? > 0))
        };
        self.db().read(read).await
    }

    /// Creates a seed, which is not a second factor until its first code has been entered. Replaces an earlier one that
    /// was not confirmed.
    ///
    /// # Errors
    /// Needs a fresh session or a confirmation; see [`Accounts::reauthenticate`].
    pub async fn start_totp(
        &self,
        seeds: SeedKeys,
        user: &Principal,
        issuer: &str,
        confirmation: Option<Confirmation>,
        client: Client,
        now: Timestamp,
    ) -> Result<Enrolment, AccountError> {
        let (user_id, issuer) = (user.user_id, issuer.to_owned());
        let reauthenticated = self.reauthenticate(user, &client, confirmation, now).await?;
        let start = move |tx: &mut Tx<'_>| {
            let user = reauthenticated.finalize(tx)?;
            if user.has_totp {
                return Err(AccountError::AlreadyEnrolled);
            }
            let seed: totp::Seed = secrets::random_bytes().map_err(DbError::from)?;
            totp_seeds::replace(tx, user_id, &seeds.seal(&seed, user_id)?, now)?;
            let otpauth_uri = totp::uri(&seed, &issuer, &user.username);
            let qr_svg = totp::qr_svg(&otpauth_uri).unwrap_or_default();
            Ok(Enrolment { secret: totp::secret(&seed), otpauth_uri, qr_svg })
        };
        self.db().write(start).await
    }

    /// Makes the seed a second factor, with its first code. Returns the recovery codes if it is the first factor.
    pub async fn confirm_totp(
        &self,
        seeds: SeedKeys,
        user: &Principal,
        code: String,
        client: Client,
        now: Timestamp,
    ) -> Result<Vec<String>, AccountError> {
        let (user_id, session_id) = (user.user_id, user.session_id);
        let (limits_attempts, changes) = (self.verifier.limits_attempts, self.factor_changes(client, now));
        // The inner error is committed, with the count of wrong codes: a session that somebody has stolen must not
        // guess the code of an enrolment that the user has left unfinished.
        let confirm = move |tx: &mut Tx<'_>| {
            let user = users::lock_by_id(tx, user_id)?.ok_or(AccountError::SessionEnded)?;
            require_session(tx, session_id, now)?;
            if limits_attempts && let Some(until) = wrong_codes::blocked_until(tx, &user, now)? {
                return Err(AccountError::Throttled(now.until(until)));
            }
            let Some(step) = matched_step(tx, &seeds, &user, &code, now)? else {
                wrong_codes::count(tx, &user, limits_attempts, changes.mail.as_ref(), &changes.client, now)?;
                return Ok(Err(AccountError::IncorrectCode));
            };
            totp_seeds::spend(tx, user_id, step)?;
            let confirmed_at = notices::time_of_change(tx, user_id, now)?;
            totp_seeds::confirm(tx, user_id, confirmed_at)?;
            users::set_has_totp(tx, user_id, true)?;
            removal::end_logins_and_trust(tx, user_id)?;
            changes.record(tx, &user, FactorChange::AppAdded)?;
            match user.second_factors().is_empty() {
                true => Ok(Ok(recovery_codes::replace(tx, user_id)?)),
                false => Ok(Ok(Vec::new())),
            }
        };
        let confirmed = self.db().write::<_, AccountError, _>(confirm).await?;
        self.wake_mail();
        confirmed
    }

    /// Replaces the recovery codes of a user who has a second factor.
    ///
    /// # Errors
    /// Needs a fresh session or a confirmation; see [`Accounts::reauthenticate`].
    pub async fn replace_recovery_codes(
        &self,
        user: &Principal,
        confirmation: Option<Confirmation>,
        client: Client,
        now: Timestamp,
    ) -> Result<Vec<String>, AccountError> {
        let reauthenticated = self.reauthenticate(user, &client, confirmation, now).await?;
        let changes = self.factor_changes(client, now);
        let replace = move |tx: &mut Tx<'_>| {
            let user = reauthenticated.finalize(tx)?;
            if user.second_factors().is_empty() {
                return Err(AccountError::NotEnrolled);
            }
            changes.record(tx, &user, FactorChange::RecoveryCodesReplaced)?;
            Ok(recovery_codes::replace(tx, user.id)?)
        };
        let replaced = self.db().write::<_, AccountError, _>(replace).await?;
        self.wake_mail();
        Ok(replaced)
    }
}

/// The time step whose code this is, of a seed that waits for it.
fn matched_step(
    tx: &mut Tx<'_>,
    seeds: &SeedKeys,
    user: &User,
    code: &str,
    now: Timestamp,
) -> Result<Option<i64>, AccountError> {
    let waiting = totp_seeds::find(tx, user.id)?
        .filter(|seed| seed.confirmed_at.is_none() && now < seed.created_at.after(LIFETIME))
        .ok_or(AccountError::NotEnrolled)?;
    let opened = seeds.open_or_warn(&waiting.sealed, user.id);
    Ok(opened.and_then(|opened| totp::matched_step(&opened.seed, code, now)))
}
