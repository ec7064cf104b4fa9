//! Client secrets that expire.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;

use crate::{base::clock::Timestamp, config::ClientSecret};

#[derive(Deserialize)]
struct Claims {
    exp: i64,
}

/// When a secret expires that is a JWT, such as Apple's, which its owner signs; `None` for any other. The signature is for the
/// provider to check.
#[must_use]
pub fn secret_expiry(secret: &ClientSecret) -> Option<Timestamp> {
    let mut parts = secret.reveal().split('.').skip(1);
    let (payload, _signature, end) = (parts.next()?, parts.next()?, parts.next());
    let claims = BASE64_URL_SAFE_NO_PAD.decode(payload).ok().filter(|_| end.is_none())?;
    let Claims { exp } = serde_json::from_slice(&claims).ok()?;
    Some(Timestamp::from_seconds(exp))
}
