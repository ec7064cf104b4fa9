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
    RelyingParty,
    challenges::{self, Answerer},
    unexpected, user_handle,
};
use crate::{
    base::clock::Timestamp,
    credentials::passkey_challenges::Ceremony,
    db::{DbError, Tx},
    users::User,
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
    enrolled: Vec<CredentialID>,
) -> Result<ChallengeRegisterBuilder, DbError> {
    let builder = core.new_challenge_register_builder(&user_handle(user.id), &user.username, &user.username);
    let builder = builder.map_err(unexpected)?.user_verification_policy(UserVerificationPolicy::Required);
    Ok(builder.require_resident_key(true).exclude_credentials(Some(enrolled)))
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
    // Without the enrolled credentials, which are rejected with an error of their own.
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
    aaguid.and_then(authenticator_name).unwrap_or("Passkey")
}

/// From the list of the passkey developer community, as of 2026-11:
/// <https://github.com/passkeydeveloper/passkey-authenticator-aaguids>.
const NAMES: [(u128, &str); 19] = [
    (0x08987058_cadc_4b81_b6e1_30de50dcbe96, "Windows Hello"),
    (0x0ea242b4_43c4_4a1b_8b17_dd6d0b6baec6, "Keeper"),
    (0x50726f74_6f6e_5061_7373_50726f746f6e, "Proton Pass"),
    (0x531126d6_e717_415c_9320_3d9aa6981239, "Dashlane"),
    (0x53414d53_554e_4700_0000_000000000000, "Samsung Pass"),
    (0x6028b017_b1d4_4c02_b4b3_afcdafc96bb2, "Windows Hello"),
    (0x771b48fd_d3d4_4f74_9232_fc157ab0507a, "Edge on Mac"),
    (0x9ddd1817_af5a_4672_a2b9_3e3dd95000a9, "Windows Hello"),
    (0xadce0002_35bc_c60a_648b_0b25f1f05503, "Chrome on Mac"),
    (0xb5397666_4885_aa6b_cebf_e52262a439a2, "Chromium"),
    (0xb78a0a55_6ef8_d246_a042_ba0f6d55050c, "LastPass"),
    (0xb84e4048_15dc_4dd0_8640_f4f60813c8af, "NordPass"),
    (0xbada5566_a7aa_401f_bd96_45619a55120d, "1Password"),
    (0xd548826e_79b4_db40_a3d8_11116f7e8349, "Bitwarden"),
    (0xdd4ec289_e01d_41c9_bb89_70fa845d4bf2, "iCloud Keychain"),
    (0xea9b8d66_4d01_1d21_3ce4_b6b48cb575d4, "Google Password Manager"),
    (0xf3809540_7f14_49c1_a8b3_8f813b225541, "Enpass"),
    (0xfbfc3007_154e_4ecc_8c0b_6e020557d7bd, "Apple Passwords"),
    (0xfdb141b2_5d84_443e_8a35_4698c205a502, "KeePassXC"),
];

/// The name of a model; `None` if it is unknown, or if the browser hides it.
pub(super) fn authenticator_name(aaguid: &[u8; 16]) -> Option<&'static str> {
    let aaguid = u128::from_be_bytes(*aaguid);
    NAMES.iter().find_map(|(id, name)| (*id == aaguid).then_some(*name))
}
