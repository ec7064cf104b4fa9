//! The second step of a login, which proves the second factor and opens the session.

use super::{SeedKeys, pending, recovery_codes, totp, trust, wrong_codes};
use crate::{
    accounts::{
        AccountError, Accounts, notices,
        sign_in::login::{Browser, SignIn},
    },
    base::{client::Client, clock::Timestamp},
    credentials::{
        pending_logins::{self, PendingLogin},
        recovery_codes as codes,
        sessions::IssuedSession,
        totp_seeds,
    },
    db::Tx,
    mail::MessageKind,
    users::{
        User,
        audit::{self, Event},
    },
};

/// The proof of a second factor.
#[expect(missing_debug_implementations, reason = "codes must not be shown")]
pub enum Proof {
    Totp(String),
    /// The site, and the response of the browser to the options.
    #[cfg(feature = "passkeys")]
    Passkey(Box<super::passkeys::RelyingParty>, serde_json::Value),
    RecoveryCode(String),
}

impl Proof {
    fn failure(&self) -> AccountError {
        match self {
            Self::Totp(_) | Self::RecoveryCode(_) => AccountError::IncorrectCode,
            #[cfg(feature = "passkeys")]
            Self::Passkey(..) => AccountError::InvalidCredential,
        }
    }
}

#[expect(missing_debug_implementations, reason = "the token must not be shown")]
pub struct SecondStep {
    /// The token of the pending login.
    pub token: String,
    pub proof: Proof,
    pub trust_browser: bool,
    pub browser: Browser,
}

#[expect(missing_debug_implementations, reason = "the tokens must not be shown")]
pub struct CompletedLogin {
    pub user: User,
    pub issued: IssuedSession,
    /// For the cookie of a browser that is now trusted.
    pub trust_token: Option<String>,
    /// If a recovery code was used.
    pub recovery_codes_left: Option<i64>,
}

impl Accounts {
    /// Opens the session of a pending login. A wrong code is counted, durably, before this returns.
    pub async fn complete_login(
        &self,
        seeds: SeedKeys,
        step: SecondStep,
        client: Client,
        now: Timestamp,
    ) -> Result<CompletedLogin, AccountError> {
        let SecondStep { token, proof, trust_browser, browser } = step;
        let sign_in = self.prepare_sign_in(browser, client, now);
        let limits_attempts = self.verifier.limits_attempts;
        // The inner error is committed, with the count of wrong codes.
        let complete = move |tx: &mut Tx<'_>| {
            let (pending, user) = pending::lock(tx, &token, now)?.ok_or(AccountError::LoginExpired)?;
            if limits_attempts && let Some(until) = wrong_codes::sign_in_blocked_until(tx, &user, now)? {
                return Err(AccountError::Throttled(now.until(until)));
            }
            if !prove(tx, &seeds, &pending, &proof, now)? {
                wrong_codes::count(tx, &user, limits_attempts, sign_in.mail.as_ref(), &sign_in.client, now)?;
                return Ok(Err(proof.failure()));
            }
            // Of several requests with the same cookie, one completes the login; the others spend no code.
            if !pending_logins::consume(tx, pending.id)? {
                return Err(AccountError::LoginExpired);
            }
            let recovery_codes_left = match proof {
                Proof::RecoveryCode(_) => Some(record_recovery(tx, &sign_in, &user)?),
                _ => None,
            };
            let trusted = match trust_browser {
                true => Some(trust::trust(tx, user.id, pending.password_version, now)?),
                false => None,
            };
            let trusted_id = trusted.as_ref().map(|trusted| trusted.id);
            let issued = sign_in.open(tx, &user, pending.stay_signed_in, trusted_id)?;
            let trust_token = trusted.map(|trusted| trusted.token);
            Ok(Ok(CompletedLogin { user, issued, trust_token, recovery_codes_left }))
        };
        let completed = self.db().write::<_, AccountError, _>(complete).await?;
        self.wake_mail();
        completed
    }
}

/// Verifies a code and uses it up.
fn prove(
    tx: &mut Tx<'_>,
    seeds: &SeedKeys,
    pending: &PendingLogin,
    proof: &Proof,
    now: Timestamp,
) -> Result<bool, AccountError> {
    let user_id = pending.user_id;
    let code = match proof {
        Proof::RecoveryCode(code) => return Ok(codes::spend(tx, user_id, &recovery_codes::hash(code))?),
        #[cfg(feature = "passkeys")]
        Proof::Passkey(site, response) => {
            return Ok(super::passkeys::verify_second_factor(tx, site, response, pending, now)?);
        }
        Proof::Totp(code) => code,
    };
    let Some(stored) = totp_seeds::find(tx, user_id)?.filter(|seed| seed.confirmed_at.is_some()) else {
        return Ok(false);
    };
    let Some(opened) = seeds.open_or_warn(&stored.sealed, user_id) else { return Ok(false) };
    let Some(step) = totp::matched_step(&opened.seed, code, now) else { return Ok(false) };
    if !totp_seeds::spend(tx, user_id, step)? {
        return Ok(false);
    }
    if opened.is_old {
        totp_seeds::reseal(tx, user_id, &stored.sealed, &seeds.seal(&opened.seed, user_id)?)?;
    }
    Ok(true)
}

/// Records that a recovery code was used, and returns how many are left.
fn record_recovery(tx: &mut Tx<'_>, sign_in: &SignIn, user: &User) -> Result<i64, AccountError> {
    let (client, now) = (&sign_in.client, sign_in.now);
    audit::insert(tx, user.id, Event::RecoveryCodeUsed, client, now)?;
    let left = codes::count(tx, user.id)?;
    if left <= recovery_codes::FEW {
        notices::send(tx, sign_in.mail.as_ref(), MessageKind::RecoveryCodesLow, user, client, now)?;
    }
    Ok(left)
}
