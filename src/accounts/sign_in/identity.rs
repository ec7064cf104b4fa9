//! Signing in with an account at an OpenID Connect provider.
//!
//! Issuer and subject decide, and an address links nothing by itself: a provider may be wrong about it, or have given it to
//! somebody else since. A new identity with the verified address of an account is linked only after the owner of that account
//! has signed in; see [`crate::accounts::identities`].

use super::{
    login::{Browser, PasswordStep, SignIn},
    passwordless::{NOBODY, create_unverified, create_verified, owner},
};
use crate::{
    accounts::{
        AccountError, Accounts,
        limits::{quota::first_step_blocked_until, throttle},
        second_factors::SeedKeys,
    },
    base::{client::Client, clock::Timestamp},
    config::RegistrationPolicy,
    credentials::identities,
    db::Tx,
    openid::ExternalIdentity,
    users::{
        self, User,
        audit::{self, Event},
        emails,
    },
};

#[expect(missing_debug_implementations, reason = "tokens must not be shown")]
pub struct IdentityLogin {
    pub identity: ExternalIdentity,
    pub stay_signed_in: bool,
    pub browser: Browser,
    /// From the cookie of a browser that may need no second factor.
    pub trust_token: Option<String>,
}

/// The result of coming back from a provider.
#[expect(missing_debug_implementations, reason = "tokens must not be shown")]
pub enum IdentityStep {
    Passed(PasswordStep),
    /// The identity is new, and its verified address belongs to an account.
    OwnerMustSignIn(ExternalIdentity),
}

impl Accounts {
    /// Signs in to the account that the identity is linked to. A new identity gets an account.
    pub async fn log_in_with_identity(
        &self,
        seeds: SeedKeys,
        login: IdentityLogin,
        client: Client,
        now: Timestamp,
    ) -> Result<IdentityStep, AccountError> {
        let IdentityLogin { identity, stay_signed_in, browser, trust_token } = login;
        let sign_in = self.prepare_sign_in(browser, client, now);
        let limits_attempts = self.verifier.limits_attempts;
        let can_register = self.registration == RegistrationPolicy::Open;
        let open = move |tx: &mut Tx<'_>| {
            identities::lock(tx, &identity)?;
            let user = match lock_linked(tx, &identity, now)? {
                Some(user) => user,
                None => match create(tx, &identity, &sign_in, can_register, limits_attempts)? {
                    Some(user) => user,
                    None => return Ok(IdentityStep::OwnerMustSignIn(identity)),
                },
            };
            if !user.is_active {
                return Err(AccountError::Disabled);
            }
            let is_known = sign_in.browser.known_accounts.contains(&user.id);
            if limits_attempts && let Some(until) = first_step_blocked_until(tx, user.id, is_known, now)? {
                return Err(AccountError::Throttled(now.until(until)));
            }
            let found = users::find_credentials_by_id(tx, user.id)?.ok_or(AccountError::LoginExpired)?;
            let trust_token = trust_token.as_deref();
            let step = sign_in.pass(tx, &seeds, user, found.password_version, stay_signed_in, trust_token)?;
            Ok(IdentityStep::Passed(step))
        };
        let opened = self.db().write::<_, AccountError, _>(open).await?;
        self.wake_mail();
        Ok(opened)
    }
}

/// Locks the user whom the identity belongs to, if there is one, and records the use.
fn lock_linked(tx: &mut Tx<'_>, identity: &ExternalIdentity, now: Timestamp) -> Result<Option<User>, AccountError> {
    let Some(linked) = identities::find(tx, identity)? else { return Ok(None) };
    let user = users::lock_by_id(tx, linked.user_id)?.ok_or(AccountError::LoginExpired)?;
    // Again: it may have been unlinked while this waited for the user.
    let linked = identities::find(tx, identity)?.filter(|linked| linked.user_id == user.id);
    let linked = linked.ok_or(AccountError::LoginExpired)?;
    identities::record_use(tx, linked.id, now)?;
    Ok(Some(user))
}

/// Makes an account for a new identity; `None` if its verified address belongs to one.
fn create(
    tx: &mut Tx<'_>,
    identity: &ExternalIdentity,
    sign_in: &SignIn,
    can_register: bool,
    limits_attempts: bool,
) -> Result<Option<User>, AccountError> {
    let (client, now) = (&sign_in.client, sign_in.now);
    let verified = identity.email.as_ref().filter(|named| named.is_verified).map(|named| &named.email);
    let mut claimants = Vec::new();
    if let Some(email) = verified {
        emails::lock_address(tx, &email.key)?;
        claimants = emails::lock_claimants(tx, NOBODY, &email.key)?;
        if owner(&claimants, email).is_some() {
            return Ok(None);
        }
    }
    if !can_register {
        return Err(AccountError::RegistrationClosed);
    }
    if limits_attempts && let Some(until) = throttle::count_registration(tx, client, now)? {
        return Err(AccountError::Throttled(now.until(until)));
    }
    let user = match verified {
        Some(email) => create_verified(tx, email, &claimants, client, now)?,
        None => {
            let email = identity.email.as_ref().map(|named| &named.email);
            create_unverified(tx, email, sign_in.mail.as_ref(), client, now)?
        }
    };
    identities::insert(tx, user.id, identity, now, Some(now))?;
    audit::insert(tx, user.id, Event::IdentityAdded, client, now)?;
    Ok(Some(user))
}
