//! The signatures of Stripe events: their verification, and signing for the demo checkout.

use std::time::Duration;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::{base::clock::Timestamp, config::WebhookSecret};

/// The same tolerance as in Stripe's own libraries, which prevents an attacker from replaying a recorded event later.
const TOLERANCE: Duration = Duration::from_secs(300);

/// The header `Stripe-Signature`: `t=<seconds>,v1=<hexadecimal>,…`.
/// <https://docs.stripe.com/webhooks#verify-manually>
#[derive(Debug)]
pub struct Signature<'h> {
    time: &'h str,
    candidates: Vec<&'h str>,
}

impl<'h> Signature<'h> {
    /// Parses a header. Returns `None` if it is malformed, or older than Stripe's libraries tolerate.
    #[must_use]
    pub fn parse(header: &'h str, now: Timestamp) -> Option<Self> {
        let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
        let (_, time) = parts().find(|(name, _)| *name == "t")?;
        let signed_at = Timestamp::from_seconds(time.parse().ok()?);
        if signed_at.until(now).max(now.until(signed_at)) > TOLERANCE {
            return None;
        }
        let candidates: Vec<_> = parts().filter(|(name, _)| *name == "v1").map(|(_, text)| text).collect();
        (!candidates.is_empty()).then_some(Self { time, candidates })
    }

    /// Returns whether one of the secrets has signed this body, with HMAC-SHA-256 over `<seconds>.<body>`.
    #[must_use]
    pub fn signs(&self, body: &[u8], secrets: &[WebhookSecret]) -> bool {
        // A client may send as many signatures as fit in a header, so the body is hashed once per secret, not once per
        // signature.
        secrets.iter().any(|secret| {
            let expected = signature(secret, self.time, body);
            self.candidates.iter().any(|given| given.as_bytes().ct_eq(expected.as_bytes()).into())
        })
    }
}

/// Signs an event as Stripe does, and returns the header.
#[must_use]
pub fn sign(secret: &WebhookSecret, body: &[u8], now: Timestamp) -> String {
    let time = (now.millis() / 1000).to_string();
    format!("t={time},v1={}", signature(secret, &time, body))
}

/// Returns the signature in hexadecimal, as it is sent.
fn signature(secret: &WebhookSecret, time: &str, body: &[u8]) -> String {
    #[expect(clippy::expect_used, reason = "RFC 2104: HMAC accepts a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    HEXLOWER.encode(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::billing::stripe::vectors::{Vector, vectors};
    use crate::config::Config;

    const START: Timestamp = Timestamp::from_millis(1_795_255_200_000);

    fn secrets(text: &str) -> Vec<WebhookSecret> {
        let values = HashMap::from([("STRIPE_WEBHOOK_SECRET".to_owned(), text.to_owned())]);
        Config::from_values(values).expect("settings").billing.webhook_secrets
    }

    fn is_signed_by(body: &[u8], header: &str, secrets: &[WebhookSecret], now: Timestamp) -> bool {
        Signature::parse(header, now).is_some_and(|signature| signature.signs(body, secrets))
    }

    #[test]
    fn signatures_of_stripes_library_are_valid() {
        for Vector { secret, header, body } in vectors() {
            assert!(is_signed_by(body.as_bytes(), &header, &secrets(&secret), START));
            assert!(is_signed_by(body.as_bytes(), &header, &secrets(&format!("whsec_new,{secret}")), START));
            assert!(is_signed_by(body.as_bytes(), &format!("v0=x,v1=00,{header}"), &secrets(&secret), START));
        }
    }

    #[test]
    fn an_event_is_signed_as_stripe_does() {
        for Vector { secret, header, body } in vectors() {
            let secret = secrets(&secret).swap_remove(0);
            assert!(header.contains(&sign(&secret, body.as_bytes(), START)), "{header}");
        }
    }

    #[test]
    fn changed_late_or_foreign_signatures_are_invalid() {
        let Vector { secret, header, body } = vectors().swap_remove(0);
        let is_signed = |body: &str, header: &str, secret: &str, late: i64| {
            is_signed_by(body.as_bytes(), header, &secrets(secret), Timestamp::from_millis(START.millis() + late))
        };
        assert!(is_signed(&body, &header, &secret, 300_000));
        assert!(!is_signed(&body, &header, &secret, 300_001));
        assert!(!is_signed(&body, &header, &secret, -300_001));
        assert!(!is_signed(&format!("{body} "), &header, &secret, 0));
        assert!(!is_signed(&body, &header, "whsec_another", 0));
        assert!(!is_signed(&body, &header.replace("v1=", "v0="), &secret, 0));
        let other_time = header.replace("t=1795255200", "t=1795255201");
        let cut = header.get(..header.len() - 1).expect("it is longer");
        for wrong in ["", "t=", "v1=", "t=x,v1=00", "t=1795255200", "t=1795255200,v1=é", cut, &other_time] {
            assert!(!is_signed(&body, wrong, &secret, 0), "{wrong}");
        }
    }
}
