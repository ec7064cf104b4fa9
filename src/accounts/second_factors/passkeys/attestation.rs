//! Options for creating a credential, and the verification of what the authenticator created.

use std::ops::RangeInclusive;

use memchr::memmem;
use serde_json::Value;
use sha2::{Digest, Sha256};
use webauthn_rs_core::{
    ChallengeRegisterBuilder, WebauthnCore,
    proto::{CollectedClientData, Credential, CredentialID, RegisterPublicKeyCredential, UserVerificationPolicy},
};

use super::{
    RelyingParty, authenticator_names,
    challenges::{self, Answerer},
    unexpected, user_handle,
};
use crate::{
    clock::Timestamp,
    db::{DbError, Tx},
    models::{passkey_challenges::Ceremony, users::User},
};

/// The length of a credential id: 100 bits of entropy need at least 16 bytes, and the maximum is 1,023.
/// <https://www.w3.org/TR/webauthn-3/#credential-id>
const CREDENTIAL_ID_BYTES: RangeInclusive<usize> = 16..=1023;

/// The credential that an authenticator created, not yet verified.
#[expect(missing_debug_implementations, reason = "the challenge must not be logged")]
pub struct PasskeyRegistration {
    /// As the browser has encoded it.
    pub response: Value,
    /// The name that the user has chosen, if any.
    pub name: Option<String>,
}

pub(super) struct VerifiedCredential {
    pub(super) credential: Credential,
    pub(super) name: String,
}

/// A passkey that signs in without a username, and that asks for a PIN or the like.
pub(super) fn request(
    core: &WebauthnCore,
    user: &User,
    known: Vec<CredentialID>,
) -> Result<ChallengeRegisterBuilder, DbError> {
    let builder = core.new_challenge_register_builder(&user_handle(user.id), &user.username, &user.username);
    let builder = builder.map_err(unexpected)?.user_verification_policy(UserVerificationPolicy::Required);
    Ok(builder.require_resident_key(true).exclude_credentials(Some(known)))
}

/// Verifies a passkey for a locked user, and uses up its challenge. `None` if it is not what was asked for.
pub(super) fn verify(
    tx: &mut Tx<'_>,
    site: &RelyingParty,
    user: &User,
    registration: PasskeyRegistration,
    now: Timestamp,
) -> Result<Option<VerifiedCredential>, DbError> {
    let PasskeyRegistration { response, name } = registration;
    let Ok(created) = serde_json::from_value::<RegisterPublicKeyCredential>(response) else { return Ok(None) };
    let Ok(client_data) = serde_json::from_slice::<CollectedClientData>(&created.response.client_data_json) else {
        return Ok(None);
    };
    if !challenges::consume(tx, Ceremony::Registration, &client_data.challenge, Answerer::User(user.id), now)? {
        return Ok(None);
    }
    let core = site.core_for_origin(&client_data.origin);
    // Without the known credentials, which are refused with an error of their own.
    let (_, state) = core.generate_challenge_register(request(&core, user, Vec::new())?).map_err(unexpected)?;
    let state = challenges::with_challenge(&state, &client_data.challenge)?;
    match core.register_credential(&created, &state, None) {
        Ok(credential) if !CREDENTIAL_ID_BYTES.contains(&credential.cred_id.len()) => {
            tracing::debug!(
                bytes = credential.cred_id.len(),
                user_id = user.id,
                "passkey with an id of this length rejected"
            );
            Ok(None)
        }
        Ok(credential) => {
            let name = name.unwrap_or_else(|| default_name(&site.id, &created.response.attestation_object).to_owned());
            Ok(Some(VerifiedCredential { credential, name }))
        }
        Err(error) => {
            tracing::debug!(%error, user_id = user.id, "passkey refused at its registration");
            Ok(None)
        }
    }
}

/// The name of the authenticator's product, by its AAGUID, which follows the hash of the site, the flags and the
/// counter. <https://www.w3.org/TR/webauthn-3/#sctn-authenticator-data>
fn default_name(site_id: &str, attestation: &[u8]) -> &'static str {
    let start = memmem::find(attestation, &Sha256::digest(site_id.as_bytes())).map(|at| at + 32 + 1 + 4);
    let aaguid = start.and_then(|start| attestation.get(start..)?.first_chunk());
    aaguid.and_then(authenticator_names::find).unwrap_or("Passkey")
}
