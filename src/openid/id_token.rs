//! Verifying id tokens, which say who somebody is at a provider.

use chrono::{DateTime, Utc};
use openidconnect::{
    ClaimsVerificationError, ClientId, EndUserEmail, IssuerUrl, Nonce, SignatureVerificationError,
    core::{CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm},
};

use crate::base::{clock::Timestamp, email::Email};

/// OpenID Connect Core 1.0, section 2.
const MAX_SUBJECT: usize = 255;

/// Signatures with the provider's private key. Not HS256, whose key would be the client secret, nor `none`: a provider that
/// lists them must not make weaker what it signs.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Somebody's account at a provider: its issuer and subject. The address belongs to it only at this time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalIdentity {
    pub issuer: String,
    pub subject: String,
    pub email: Option<ExternalEmail>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalEmail {
    pub email: Email,
    /// Whether the provider says that it has verified the address.
    pub is_verified: bool,
}

pub(super) enum Verified {
    Valid(ExternalIdentity),
    /// The keys are those of another time than the token.
    UnknownKey,
    Invalid(String),
}

/// Verifies the signature, issuer, audience, times and nonce of a token.
pub(super) fn verify(
    token: &CoreIdToken,
    client_id: &ClientId,
    issuer: &IssuerUrl,
    keys: &CoreJsonWebKeySet,
    nonce: &Nonce,
    now: Timestamp,
) -> Verified {
    let verifier = CoreIdTokenVerifier::new_public_client(client_id.clone(), issuer.clone(), keys.clone())
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || DateTime::<Utc>::from_timestamp_millis(now.millis()).unwrap_or_default());
    match token.claims(&verifier, nonce) {
        Ok(claims) => identity(claims),
        Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
            Verified::UnknownKey
        }
        Err(error) => Verified::Invalid(error.to_string()),
    }
}

fn identity(claims: &CoreIdTokenClaims) -> Verified {
    let subject = claims.subject().as_str();
    if subject.is_empty() || subject.len() > MAX_SUBJECT {
        return Verified::Invalid(format!("the subject must have 1 to {MAX_SUBJECT} bytes"));
    }
    Verified::Valid(ExternalIdentity {
        issuer: claims.issuer().as_str().to_owned(),
        subject: subject.to_owned(),
        email: external_email(claims.email(), claims.email_verified()),
    })
}

/// An address that could not be registered is none.
pub(super) fn external_email(email: Option<&EndUserEmail>, is_verified: Option<bool>) -> Option<ExternalEmail> {
    let email = Email::parse(email?).ok()?;
    Some(ExternalEmail { email, is_verified: is_verified == Some(true) })
}
