//! Adding a passkey.

use webauthn_rs_core::proto::CreationChallengeResponse;

use super::{
    RelyingParty,
    attestation::{self, PasskeyRegistration, VerifiedCredential},
    challenges::{self, Answerer},
    stored_credential, unexpected,
};
use crate::{
    accounts::{
        AccountError, Accounts, Confirmation, notices,
        second_factors::{change::FactorChange, removal},
        sign_in::reauthentication::Reauthenticated,
    },
    base::{client::Client, clock::Timestamp},
    credentials::{
        passkey_challenges::Ceremony,
        passkeys::{self, NewPasskey, Passkey},
        sessions::Principal,
    },
    db::{DbError, Tx},
    users::{self, User},
};

/// Passkeys of one account.
const MAX: usize = 20;

/// Characters in a name.
const MAX_NAME: usize = 64;

#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("must have 1 to 64 characters, and no control characters")]
pub struct InvalidName;

/// Checks the name of a passkey, and removes spaces around it.
pub fn parse_name(text: &str) -> Result<String, InvalidName> {
    let name = text.trim();
    let is_valid = (1..=MAX_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if is_valid { Ok(name.to_owned()) } else { Err(InvalidName) }
}

impl Accounts {
    /// Returns the options that the user's browser creates a passkey with.
    ///
    /// # Errors
    /// Needs a fresh session or a confirmation; see [`Accounts::reauthenticate`].
    pub async fn start_passkey(
        &self,
        site: RelyingParty,
        user: &Principal,
        confirmation: Option<Confirmation>,
        client: Client,
        now: Timestamp,
    ) -> Result<CreationChallengeResponse, AccountError> {
        let user_id = user.user_id;
        let reauthenticated = self.reauthenticate(user, &client, confirmation, now).await?;
        let start = move |tx: &mut Tx<'_>| {
            let user = lock_with_room(tx, reauthenticated)?;
            let credentials = passkeys::credentials(tx, user_id)?;
            let enrolled = credentials.iter().map(|passkey| Ok(stored_credential(passkey)?.cred_id));
            let core = site.core();
            let request = attestation::request(&core, &user, enrolled.collect::<Result<_, DbError>>()?)?;
            let (options, _) = core.generate_challenge_register(request).map_err(unexpected)?;
            let answerer = Answerer::User(user_id);
            challenges::add(tx, Ceremony::Registration, &options.public_key.challenge, answerer, now)?;
            Ok(options)
        };
        self.db().write(start).await
    }

    /// Adds the passkey that the user's authenticator created.
    ///
    /// # Errors
    /// Needs a fresh session or a confirmation; see [`Accounts::reauthenticate`].
    pub async fn add_passkey(
        &self,
        site: RelyingParty,
        user: &Principal,
        confirmation: Option<Confirmation>,
        registration: PasskeyRegistration,
        client: Client,
        now: Timestamp,
    ) -> Result<Passkey, AccountError> {
        let user_id = user.user_id;
        let reauthenticated = self.reauthenticate(user, &client, confirmation, now).await?;
        let changes = self.factor_changes(client, now);
        // The inner error is committed: the challenge is used up.
        let add = move |tx: &mut Tx<'_>| {
            let user = lock_with_room(tx, reauthenticated)?;
            let Some(verified) = attestation::verify(tx, &site, &user, registration, now)? else {
                return Ok(Err(AccountError::InvalidCredential));
            };
            let created_at = notices::time_of_change(tx, user_id, now)?;
            let Some(passkey) = insert(tx, &user, &verified, created_at)? else {
                return Ok(Err(AccountError::AlreadyEnrolled));
            };
            users::set_has_passkey(tx, user_id, true)?;
            removal::end_logins_and_trust(tx, user_id)?;
            changes.record(tx, &user, FactorChange::PasskeyAdded)?;
            Ok(Ok(passkey))
        };
        let added = self.db().write::<_, AccountError, _>(add).await?;
        self.wake_mail();
        added
    }
}

fn lock_with_room(tx: &mut Tx<'_>, reauthenticated: Reauthenticated) -> Result<User, AccountError> {
    let user = reauthenticated.finalize(tx)?;
    if passkeys::list(tx, user.id)?.len() >= MAX { Err(AccountError::TooManyPasskeys) } else { Ok(user) }
}

fn insert(
    tx: &mut Tx<'_>,
    user: &User,
    verified: &VerifiedCredential,
    created_at: Timestamp,
) -> Result<Option<Passkey>, DbError> {
    let VerifiedCredential { credential, name } = verified;
    let passkey = NewPasskey {
        user_id: user.id,
        credential_id: &credential.cred_id,
        credential: &serde_json::to_string(credential).map_err(unexpected)?,
        sign_count: credential.counter.into(),
        backed_up: credential.backup_state,
        name,
        created_at,
    };
    passkeys::insert(tx, &passkey)
}
