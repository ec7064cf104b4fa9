//! Signing in by a link or a code that is mailed to an address.
//!
//! Only the account that has verified the address is opened. Whoever created another account in which the address was merely
//! entered may hold a session, a token or a factor of it, so that account loses the address, and a new one is made.

use super::{
    login::{Browser, PasswordStep},
    passwordless::{NOBODY, create_verified, owner},
};
use crate::{
    accounts::{AccountError, Accounts, limits::quota::first_step_blocked_until, second_factors::SeedKeys},
    base::{client::Client, clock::Timestamp, email::Email, secrets},
    config::RegistrationPolicy,
    db::{DbError, Tx},
    mail::{
        Guess, Holder, Limited, Mailer, SignInRequest,
        email_codes::{self, EmailCode},
    },
    users::{self, emails},
};

/// What a message with a link and a code is asked for with.
#[derive(Clone, Debug)]
pub struct EmailRequest {
    pub email: Email,
    pub stay_signed_in: bool,
    /// Where the link leads on to, on this site.
    pub next: Option<String>,
}

/// What was in the message.
#[expect(missing_debug_implementations, reason = "tokens and codes must not be shown")]
pub enum EmailProof {
    /// The token of the link.
    Link(String),
    Code {
        email: Email,
        code: String,
        /// The token that the request for the message returned.
        holder: String,
    },
}

#[expect(missing_debug_implementations, reason = "tokens and codes must not be shown")]
pub struct EmailLogin {
    pub proof: EmailProof,
    pub browser: Browser,
    /// From the cookie of a browser that may need no second factor.
    pub trust_token: Option<String>,
}

impl Accounts {
    /// Asks for a message. Returns the token without which its code does not work. Does the same for any address.
    pub async fn request_email_login(
        &self,
        request: EmailRequest,
        client: Client,
        now: Timestamp,
    ) -> Result<String, AccountError> {
        let (mailer, holder) = (self.mailer()?.clone(), secrets::random_token());
        let EmailRequest { email, stay_signed_in, next } = request;
        let can_register = self.registration == RegistrationPolicy::Open;
        let request = SignInRequest { email, next, stay_signed_in, can_register, holder: holder.clone() };
        let sender = mailer.clone();
        let ask = move |tx: &mut Tx<'_>| {
            let sent = sender.request_sign_in(tx, request, &client, now)?;
            sent.map_err(|Limited(until)| AccountError::Throttled(now.until(until)))
        };
        self.db().write(ask).await?;
        mailer.wake();
        Ok(holder)
    }

    /// Signs in to the account of the address, which is made if there is none. A wrong code is counted, durably, before this
    /// returns.
    pub async fn log_in_by_email(
        &self,
        seeds: SeedKeys,
        login: EmailLogin,
        client: Client,
        now: Timestamp,
    ) -> Result<PasswordStep, AccountError> {
        let EmailLogin { proof, browser, trust_token } = login;
        let (mailer, limits_attempts) = (self.mailer()?.clone(), self.verifier.limits_attempts);
        let can_register = self.registration == RegistrationPolicy::Open;
        let sign_in = self.prepare_sign_in(browser, client, now);
        // The inner error is committed, with the count of wrong codes.
        let open = move |tx: &mut Tx<'_>| {
            let email = address(tx, &proof, now)?;
            emails::lock_address(tx, &email.key)?;
            // The users are locked before the token, as everywhere: consuming it first could deadlock.
            let claimants = emails::lock_claimants(tx, NOBODY, &email.key)?;
            let code = match consume(tx, &mailer, &proof, now)? {
                Ok(code) => code,
                Err(error) => return Ok(Err(error)),
            };
            // As it was spelled when the message was asked for.
            let email = Email::parse(&code.email).map_err(|_| AccountError::InvalidToken)?;
            let user = match owner(&claimants, &email) {
                Some(user) if !user.is_active => return Ok(Err(AccountError::Disabled)),
                Some(user) => user.clone(),
                None if can_register => create_verified(tx, &email, &claimants, &sign_in.client, now)?,
                // It had an account when the message was sent.
                None => return Ok(Err(AccountError::InvalidToken)),
            };
            let is_known = sign_in.browser.known_accounts.contains(&user.id);
            if limits_attempts && let Some(until) = first_step_blocked_until(tx, user.id, is_known, now)? {
                return Err(AccountError::Throttled(now.until(until)));
            }
            let found = users::find_credentials_by_id(tx, user.id)?.ok_or(AccountError::InvalidToken)?;
            let trust_token = trust_token.as_deref();
            Ok(Ok(sign_in.pass(tx, &seeds, user, found.password_version, code.stay_signed_in, trust_token)?))
        };
        let opened = self.db().write::<_, AccountError, _>(open).await?;
        self.wake_mail();
        opened
    }
}

/// The address that the message went to.
fn address(tx: &mut Tx<'_>, proof: &EmailProof, now: Timestamp) -> Result<Email, AccountError> {
    match proof {
        EmailProof::Code { email, .. } => Ok(email.clone()),
        EmailProof::Link(token) => {
            let found = email_codes::find_link(tx, &secrets::digest(token), now)?.ok_or(AccountError::InvalidToken)?;
            Email::parse(&found.email).map_err(|_| AccountError::InvalidToken)
        }
    }
}

/// Uses up the link or the code, and with it the other one.
fn consume(
    tx: &mut Tx<'_>,
    mailer: &Mailer,
    proof: &EmailProof,
    now: Timestamp,
) -> Result<Result<EmailCode, AccountError>, DbError> {
    Ok(match proof {
        EmailProof::Link(token) => {
            let hash = secrets::digest(token);
            match email_codes::find_link(tx, &hash, now)? {
                Some(found) if email_codes::use_link(tx, &hash, now)? => Ok(found),
                _ => Err(AccountError::InvalidToken),
            }
        }
        EmailProof::Code { email, code, holder } => match mailer.guess(tx, Holder::Token(holder), email, code, now)? {
            Guess::Right(found) => Ok(found),
            Guess::Wrong => Err(AccountError::IncorrectCode),
            Guess::Limited(wait) => Err(AccountError::Throttled(wait)),
        },
    })
}
