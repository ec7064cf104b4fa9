//! What a browser sends to prove that it has a passkey.

use serde_json::Value;
use webauthn_rs_core::proto::{CollectedClientData, PublicKeyCredential, UserVerificationPolicy};

use super::{
    RelyingParty,
    challenges::{self, Answerer},
    stored_credential, unexpected, user_handle,
};
use crate::{
    base::clock::Timestamp,
    credentials::{
        passkey_challenges::Ceremony,
        passkeys::{self, PasskeyCredential},
        pending_logins::PendingLogin,
    },
    db::{DbError, Tx},
};

pub(super) struct Assertion {
    response: PublicKeyCredential,
    client_data: CollectedClientData,
}

impl Assertion {
    /// From what the browser has encoded.
    pub(super) fn parse(response: Value) -> Option<Self> {
        let response: PublicKeyCredential = serde_json::from_value(response).ok()?;
        let client_data = serde_json::from_slice(&response.response.client_data_json).ok()?;
        Some(Self { response, client_data })
    }

    pub(super) fn credential_id(&self) -> &[u8] {
        &self.response.raw_id
    }

    pub(super) fn challenge(&self) -> &[u8] {
        &self.client_data.challenge
    }

    /// Whether the user handle is this user's; `None` if the authenticator sent none.
    pub(super) fn is_of_user(&self, user_id: i64) -> Option<bool> {
        self.response.get_user_unique_id().map(|handle| handle == user_handle(user_id))
    }

    /// Verifies this for a passkey of a locked user, and records the use. The challenge must have been consumed.
    pub(super) fn verify(
        &self,
        tx: &mut Tx<'_>,
        site: &RelyingParty,
        passkey: &PasskeyCredential,
        now: Timestamp,
    ) -> Result<bool, DbError> {
        let core = site.core_for_origin(&self.client_data.origin);
        let policy = Some(UserVerificationPolicy::Required);
        let request = core.new_challenge_authenticate_builder(vec![stored_credential(passkey)?], policy);
        let request = request.map_err(unexpected)?;
        let (_, state) = core.generate_challenge_authenticate(request).map_err(unexpected)?;
        let state = challenges::with_challenge(&state, &self.client_data.challenge)?;
        match core.authenticate_credential(&self.response, &state) {
            Ok(used) => passkeys::record_use(tx, passkey.id, used.counter().into(), used.backup_state(), now),
            Err(error) => {
                tracing::debug!(%error, user_id = passkey.user_id, "passkey refused");
                Ok(false)
            }
        }
    }
}

/// Whether this proves the second factor of a pending login, whose user is locked.
pub(in crate::accounts::second_factors) fn verify_second_factor(
    tx: &mut Tx<'_>,
    site: &RelyingParty,
    response: &Value,
    pending: &PendingLogin,
    now: Timestamp,
) -> Result<bool, DbError> {
    let Some(assertion) = Assertion::parse(response.clone()) else { return Ok(false) };
    let user_id = pending.user_id;
    let answerer = Answerer::PendingLogin { id: pending.id, user_id };
    if !challenges::consume(tx, Ceremony::SecondFactor, assertion.challenge(), answerer, now)? {
        return Ok(false);
    }
    let passkey = passkeys::find_credential(tx, assertion.credential_id())?;
    match passkey.filter(|passkey| passkey.user_id == user_id && assertion.is_of_user(user_id) != Some(false)) {
        Some(passkey) => assertion.verify(tx, site, &passkey, now),
        None => Ok(false),
    }
}
