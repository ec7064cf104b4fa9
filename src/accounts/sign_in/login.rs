//! Signing in with a password, and with a second factor if one is enrolled.

use crate::{
    accounts::{
        AccountError, Accounts, notices,
        passwords::{PasswordError, Subject},
        second_factors::{self, PendingLogin, SeedKeys},
    },
    base::{client::Client, clock::Timestamp},
    config::{MeterConfig, SessionConfig},
    credentials::sessions::{self, IssuedSession, SessionKind, Transport},
    db::{DbError, Tx},
    mail::Mailer,
    paywall::{self, meter_id::MeterId},
    users::{
        self, User,
        audit::{self, Event},
    },
};

/// The browser or app that signs in.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    /// Accounts that it has signed in to before.
    pub known_accounts: Vec<i64>,
    /// The anonymous reader that it has been until now.
    pub reader: Option<MeterId>,
    pub transport: Transport,
}

#[expect(missing_debug_implementations, reason = "the password must not be shown")]
pub struct Login {
    pub username: String,
    pub password: String,
    pub stay_signed_in: bool,
    pub browser: Browser,
    /// From the cookie of a browser that may need no second factor.
    pub trust_token: Option<String>,
}

/// The result of a first step that succeeded: a correct password, or a link or code from a message.
#[expect(missing_debug_implementations, reason = "tokens must not be shown")]
pub enum PasswordStep {
    SignedIn(Box<User>, IssuedSession),
    SecondFactorRequired(PendingLogin),
}

impl Accounts {
    /// Verifies the password. Opens a session, unless a second factor is enrolled that this browser must prove. The
    /// session that the browser had is not ended here.
    pub async fn log_in(
        &self,
        seeds: SeedKeys,
        login: Login,
        client: Client,
        now: Timestamp,
    ) -> Result<PasswordStep, PasswordError> {
        let Login { username, password, stay_signed_in, browser, trust_token } = login;
        let subject = Subject::Name { name: username, known_accounts: browser.known_accounts.clone() };
        let verified = self.verifier.verify(subject, &password, &client, now).await?;
        let sign_in = self.prepare_sign_in(browser, client, now);
        let open = move |tx: &mut Tx<'_>| {
            let version = verified.password_version();
            let user = verified.sign_in(tx)?;
            Ok(sign_in.pass(tx, &seeds, user, version, stay_signed_in, trust_token.as_deref())?)
        };
        let opened = self.db().write::<_, PasswordError, _>(open).await?;
        self.wake_mail();
        Ok(opened)
    }

    /// Opens a session for a user who has just registered. The password is not verified again, which would take as long as
    /// hashing it did.
    ///
    /// # Errors
    /// The account has been disabled or deleted since.
    pub async fn log_in_registered(
        &self,
        user_id: i64,
        browser: Browser,
        client: Client,
        now: Timestamp,
    ) -> Result<(User, IssuedSession), AccountError> {
        let sign_in = self.prepare_sign_in(browser, client, now);
        let open = move |tx: &mut Tx<'_>| {
            let user = users::lock_by_id(tx, user_id)?.filter(|user| user.is_active).ok_or(AccountError::Disabled)?;
            let issued = sign_in.open(tx, &user, false, None)?;
            Ok((user, issued))
        };
        self.db().write::<_, AccountError, _>(open).await
    }

    pub(in crate::accounts) fn prepare_sign_in(&self, browser: Browser, client: Client, now: Timestamp) -> SignIn {
        SignIn { config: self.session, meter: self.meter, mail: self.mail.clone(), browser, client, now }
    }
}

/// The last step of every way of signing in.
pub(in crate::accounts) struct SignIn {
    pub(in crate::accounts) config: SessionConfig,
    pub(in crate::accounts) meter: MeterConfig,
    pub(in crate::accounts) mail: Option<Mailer>,
    pub(in crate::accounts) browser: Browser,
    pub(in crate::accounts) client: Client,
    pub(in crate::accounts) now: Timestamp,
}

impl SignIn {
    /// Completes the first step of a locked user: opens a session, unless a second factor is enrolled that this browser must
    /// prove.
    pub(in crate::accounts) fn pass(
        &self,
        tx: &mut Tx<'_>,
        seeds: &SeedKeys,
        user: User,
        password_version: i64,
        stay_signed_in: bool,
        trust_token: Option<&str>,
    ) -> Result<PasswordStep, DbError> {
        let mut trusted_browser = None;
        if !user.second_factors().is_empty() {
            trusted_browser = second_factors::find_trusted(tx, trust_token, user.id, password_version, self.now)?;
            if trusted_browser.is_none() {
                let pending = second_factors::begin(tx, seeds, &user, password_version, stay_signed_in, self.now)?;
                return Ok(PasswordStep::SecondFactorRequired(pending));
            }
        }
        let issued = self.open(tx, &user, stay_signed_in, trusted_browser)?;
        Ok(PasswordStep::SignedIn(Box::new(user), issued))
    }

    /// Opens a session for a locked user.
    pub(in crate::accounts) fn open(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        stay_signed_in: bool,
        trusted_browser: Option<i64>,
    ) -> Result<IssuedSession, DbError> {
        let (client, now) = (&self.client, self.now);
        audit::insert(tx, user.id, Event::SignedIn, client, now)?;
        if !self.browser.known_accounts.contains(&user.id) {
            notices::send_new_browser(tx, self.mail.as_ref(), user, client, now)?;
        }
        if let Some(reader) = self.browser.reader {
            paywall::sign_in(tx, &self.meter, reader, user, now)?;
        }
        let kind = SessionKind { stay_signed_in, transport: self.browser.transport };
        sessions::issue(tx, &self.config, user.id, kind, trusted_browser, client, now)
    }
}
