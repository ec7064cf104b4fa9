//! Signing in with a passkey: the options for both ways, and the one without a username. It counts as both factors,
//! because the authenticator asks for a PIN or the like.

use serde_json::Value;
use webauthn_rs_core::proto::{Credential, RequestChallengeResponse, UserVerificationPolicy};

use super::{
    RelyingParty,
    assertion::Assertion,
    challenges::{self, Answerer},
    stored_credential, unexpected,
};
use crate::{
    accounts::{
        AccountError, Accounts,
        second_factors::{pending, wrong_codes},
        sign_in::login::Browser,
    },
    base::{client::Client, clock::Timestamp},
    credentials::{passkey_challenges::Ceremony, passkeys, sessions::IssuedSession},
    db::{DbError, Tx},
    users::{self, User},
};

#[expect(missing_debug_implementations, reason = "the challenge must not be logged")]
pub struct PasskeyLogin {
    /// As the browser has encoded it.
    pub response: Value,
    pub stay_signed_in: bool,
    pub browser: Browser,
}

impl Accounts {
    /// What a browser needs to prove the second factor of a pending login.
    pub async fn second_factor_options(
        &self,
        site: RelyingParty,
        token: String,
        now: Timestamp,
    ) -> Result<RequestChallengeResponse, AccountError> {
        let start = move |tx: &mut Tx<'_>| {
            let (pending, user) = pending::lock(tx, &token, now)?.ok_or(AccountError::LoginExpired)?;
            let credentials = passkeys::credentials(tx, user.id)?;
            let credentials = credentials.iter().map(stored_credential).collect::<Result<_, DbError>>()?;
            let options = options(&site, credentials)?;
            let answerer = Answerer::PendingLogin { id: pending.id, user_id: user.id };
            challenges::add(tx, Ceremony::SecondFactor, &options.public_key.challenge, answerer, now)?;
            Ok(options)
        };
        self.db().write(start).await
    }

    /// What a browser needs to sign in without a username.
    pub async fn passkey_options(
        &self,
        site: RelyingParty,
        client: Client,
        now: Timestamp,
    ) -> Result<RequestChallengeResponse, AccountError> {
        let options = options(&site, Vec::new())?;
        let challenge = options.public_key.challenge.clone();
        let start = move |tx: &mut Tx<'_>| challenges::add_of_network(tx, &challenge, &client.network(), now);
        self.db().write::<_, DbError, _>(start).await?;
        Ok(options)
    }

    /// Opens a session for whoever has the passkey. A failure is counted, durably, before this returns.
    pub async fn log_in_with_passkey(
        &self,
        site: RelyingParty,
        login: PasskeyLogin,
        client: Client,
        now: Timestamp,
    ) -> Result<(User, IssuedSession), AccountError> {
        let PasskeyLogin { response, stay_signed_in, browser } = login;
        let sign_in = self.prepare_sign_in(browser, client, now);
        let limits_attempts = self.verifier.limits_attempts;
        let assertion = Assertion::parse(response).ok_or(AccountError::InvalidCredential)?;
        // The inner error is committed, with the challenge used up and the failure counted.
        let log_in = move |tx: &mut Tx<'_>| {
            if !challenges::consume_of_network(tx, assertion.challenge(), now)? {
                return Ok(Err(AccountError::LoginExpired));
            }
            let Some(user) = lock_owner(tx, &assertion)? else { return Ok(Err(AccountError::InvalidCredential)) };
            if limits_attempts && let Some(until) = wrong_codes::sign_in_blocked_until(tx, &user, now)? {
                return Ok(Err(AccountError::Throttled(now.until(until))));
            }
            if !is_valid(tx, &site, &assertion, &user, now)? {
                wrong_codes::count(tx, &user, limits_attempts, sign_in.mail.as_ref(), &sign_in.client, now)?;
                return Ok(Err(AccountError::InvalidCredential));
            }
            // Only whoever has the passkey is told.
            if !user.is_active {
                return Ok(Err(AccountError::Disabled));
            }
            let issued = sign_in.open(tx, &user, stay_signed_in, None)?;
            Ok(Ok((user, issued)))
        };
        let opened = self.db().write::<_, AccountError, _>(log_in).await?;
        self.wake_mail();
        opened
    }
}

/// A signature over a new challenge; by one of these credentials, or by any of this site.
fn options(site: &RelyingParty, credentials: Vec<Credential>) -> Result<RequestChallengeResponse, DbError> {
    let core = site.core();
    let request = core.new_challenge_authenticate_builder(credentials, Some(UserVerificationPolicy::Required));
    let (options, _) = core.generate_challenge_authenticate(request.map_err(unexpected)?).map_err(unexpected)?;
    Ok(options)
}

fn lock_owner(tx: &mut Tx<'_>, assertion: &Assertion) -> Result<Option<User>, DbError> {
    match passkeys::find_credential(tx, assertion.credential_id())? {
        Some(passkey) => users::lock_by_id(tx, passkey.user_id),
        None => Ok(None),
    }
}

/// The passkey is read again, because it may have been used or deleted before the user was locked.
fn is_valid(
    tx: &mut Tx<'_>,
    site: &RelyingParty,
    assertion: &Assertion,
    user: &User,
    now: Timestamp,
) -> Result<bool, DbError> {
    let passkey = passkeys::find_credential(tx, assertion.credential_id())?;
    match passkey.filter(|passkey| passkey.user_id == user.id && assertion.is_of_user(user.id) == Some(true)) {
        Some(passkey) => assertion.verify(tx, site, &passkey, now),
        None => Ok(false),
    }
}
