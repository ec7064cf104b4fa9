//! The accounts at OpenID Connect providers that a user signs in with: listing, linking and unlinking them.

use crate::{
    accounts::{
        AccountError, Accounts, Confirmation, limits::quota::Quota, notices, sign_in::reauthentication::require_session,
    },
    base::{client::Client, clock::Timestamp, email::Email},
    credentials::{
        identities::{self, LinkedIdentity},
        sessions::Principal,
    },
    db::{DbConnection, Tx},
    mail::{Mailer, MessageKind},
    openid::ExternalIdentity,
    users::{
        self, NO_PASSWORD, User,
        audit::{self, Event},
    },
};

/// What this server offers besides passwords.
#[derive(Clone, Debug)]
pub struct OtherWaysIn {
    /// By a link or a code in a message.
    pub email: bool,
    /// The issuers of the configured providers.
    pub issuers: Vec<String>,
}

impl Accounts {
    pub async fn identities(&self, user: &Principal) -> Result<Vec<LinkedIdentity>, AccountError> {
        let user_id = user.user_id;
        self.db().read(move |connection: &mut DbConnection| Ok(identities::list(connection, user_id)?)).await
    }

    /// Confirms that it is the user who wants to link an identity, before the browser is sent to the provider.
    ///
    /// # Errors
    /// Needs a fresh session or a confirmation; see [`Accounts::reauthenticate`].
    pub async fn may_link_identity(
        &self,
        user: &Principal,
        confirmation: Option<Confirmation>,
        client: &Client,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let reauthenticated = self.reauthenticate(user, client, confirmation, now).await?;
        self.db().write(move |tx: &mut Tx<'_>| reauthenticated.finalize(tx).map(drop)).await
    }

    /// Links an identity to the user of the session that has asked for it.
    pub async fn link_identity(
        &self,
        user: &Principal,
        identity: ExternalIdentity,
        client: Client,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let linking = self.linking(client, now);
        let (user_id, session_id) = (user.user_id, user.session_id);
        let link = move |tx: &mut Tx<'_>| {
            identities::lock(tx, &identity)?;
            let user = users::lock_by_id(tx, user_id)?.ok_or(AccountError::SessionEnded)?;
            require_session(tx, session_id, now)?;
            linking.link(tx, &user, &identity)
        };
        self.db().write::<_, AccountError, _>(link).await?;
        self.wake_mail();
        Ok(())
    }

    /// Links an identity that has waited for the owner of its address to sign in. Does nothing, and returns `false`, if it is
    /// not the owner who has signed in: people share browsers.
    pub async fn link_waiting_identity(
        &self,
        user_id: i64,
        identity: ExternalIdentity,
        client: Client,
        now: Timestamp,
    ) -> Result<bool, AccountError> {
        let linking = self.linking(client, now);
        let link = move |tx: &mut Tx<'_>| {
            identities::lock(tx, &identity)?;
            let user = users::lock_by_id(tx, user_id)?.ok_or(AccountError::SessionEnded)?;
            let own = user.verified_email().and_then(|email| Email::parse(email).ok());
            let named = identity.email.as_ref().filter(|named| named.is_verified);
            if own.is_none() || own.map(|own| own.key) != named.map(|named| named.email.key.clone()) {
                return Ok(false);
            }
            linking.link(tx, &user, &identity)?;
            Ok(true)
        };
        let is_linked = self.db().write::<_, AccountError, _>(link).await?;
        self.wake_mail();
        Ok(is_linked)
    }

    /// Unlinks an identity.
    ///
    /// # Errors
    /// Needs a fresh session or a confirmation; see [`Accounts::reauthenticate`]. Fails if the user could not sign in any
    /// more. A forgotten password is no way to sign in: whoever has none sets one first.
    pub async fn unlink_identity(
        &self,
        user: &Principal,
        id: i64,
        other_ways: OtherWaysIn,
        confirmation: Option<Confirmation>,
        client: Client,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let reauthenticated = self.reauthenticate(user, &client, confirmation, now).await?;
        let linking = self.linking(client, now);
        let unlink = move |tx: &mut Tx<'_>| {
            let user = reauthenticated.finalize(tx)?;
            let linked = identities::list(tx, user.id)?;
            if linked.iter().all(|identity| identity.id != id) {
                return Err(AccountError::NotEnrolled);
            }
            let is_other = |other: &LinkedIdentity| other.id != id && other_ways.issuers.contains(&other.issuer);
            let has_other = user.has_passkey && cfg!(feature = "passkeys")
                || user.is_email_verified() && other_ways.email
                || linked.iter().any(is_other)
                || has_password(tx, &user)?;
            if !has_other {
                return Err(AccountError::LastCredential);
            }
            linking.limit(tx, &user)?;
            identities::delete(tx, user.id, id)?;
            linking.record(tx, &user, Event::IdentityRemoved, MessageKind::IdentityRemoved)
        };
        self.db().write::<_, AccountError, _>(unlink).await?;
        self.wake_mail();
        Ok(())
    }

    fn linking(&self, client: Client, now: Timestamp) -> Linking {
        Linking { mail: self.mail.clone(), limits_attempts: self.verifier.limits_attempts, client, now }
    }
}

fn has_password(tx: &mut Tx<'_>, user: &User) -> Result<bool, AccountError> {
    let found = users::find_credentials_by_id(tx, user.id)?.ok_or(AccountError::SessionEnded)?;
    Ok(found.password_hash != NO_PASSWORD)
}

/// Who links or unlinks an identity, and when.
struct Linking {
    mail: Option<Mailer>,
    limits_attempts: bool,
    client: Client,
    now: Timestamp,
}

impl Linking {
    /// Links an identity to a locked user. Does nothing if it is linked already.
    fn link(&self, tx: &mut Tx<'_>, user: &User, identity: &ExternalIdentity) -> Result<(), AccountError> {
        match identities::find(tx, identity)? {
            Some(linked) if linked.user_id == user.id => return Ok(()),
            Some(_) => return Err(AccountError::IdentityTaken),
            None => self.limit(tx, user)?,
        }
        // "This wasn't me" asks what was added since its notice.
        let created_at = notices::time_of_change(tx, user.id, self.now)?;
        identities::insert(tx, user.id, identity, created_at, None)?;
        self.record(tx, user, Event::IdentityAdded, MessageKind::IdentityAdded)
    }

    fn limit(&self, tx: &mut Tx<'_>, user: &User) -> Result<(), AccountError> {
        match Quota::Identities.blocked_until(tx, user.id, self.now)? {
            Some(until) if self.limits_attempts => Err(AccountError::Throttled(self.now.until(until))),
            _ => Ok(()),
        }
    }

    fn record(&self, tx: &mut Tx<'_>, user: &User, event: Event, kind: MessageKind) -> Result<(), AccountError> {
        audit::insert(tx, user.id, event, &self.client, self.now)?;
        Ok(notices::send(tx, self.mail.as_ref(), kind, user, &self.client, self.now)?)
    }
}
