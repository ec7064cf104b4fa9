//! The codes of authenticator apps: RFC 6238 with the parameters that all apps support.

use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use fast_qr::{QRBuilder, convert::svg::SvgBuilder};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use totp_rs::{Algorithm, Builder, Secret};

use crate::base::clock::Timestamp;

/// As long as the output of SHA-1, as RFC 4226 recommends.
pub(super) type Seed = [u8; 20];

const DIGITS: u8 = 6;
const STEP: Duration = Duration::from_secs(30);

/// The time step whose code this is: the current one, or the one before for users who type slowly.
pub(super) fn matched_step(seed: &Seed, code: &str, now: Timestamp) -> Option<i64> {
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_step_duration(STEP.as_secs())
        // The library would also accept the next step.
        .with_skew(0)
        .with_secret(Secret::new_stack(*seed))
        .build()
        .ok()?;
    // Apps show the code in groups.
    let code: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
    let at = |time: Timestamp| totp.check(&code, u64::try_from(time.millis() / 1000).ok()?);
    let step = at(now).or_else(|| at(now.before(STEP)))?;
    i64::try_from(step).ok()
}

/// The seed as people type it into an app that cannot scan it.
pub(super) fn secret(seed: &Seed) -> String {
    BASE32_NOPAD.encode(seed)
}

/// The address that apps read from a QR code.
pub(super) fn uri(seed: &Seed, issuer: &str, account: &str) -> String {
    let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (secret, issuer, account, period) = (secret(seed), encode(issuer), encode(account), STEP.as_secs());
    format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={period}"
    )
}

/// The QR code of an address; `None` if it is too long.
pub(super) fn qr_svg(uri: &str) -> Option<String> {
    Some(SvgBuilder::default().to_str(&QRBuilder::new(uri).build().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seed of the test vectors in RFC 6238.
    const SEED: &Seed = b"12345678901234567890";

    /// RFC 6238, appendix B, in the last six of the eight digits there.
    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(matched_step(SEED, code, Timestamp::from_seconds(seconds)), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn the_current_and_the_previous_step_are_accepted_and_no_other() {
        let at = |seconds| matched_step(SEED, "287082", Timestamp::from_seconds(seconds));
        assert_eq!((at(29), at(30), at(59), at(60), at(89), at(90)), (None, Some(1), Some(1), Some(1), Some(1), None));
    }

    #[test]
    fn a_code_may_be_typed_in_groups_but_has_six_digits() {
        let at = |code| matched_step(SEED, code, Timestamp::from_seconds(59));
        assert_eq!(at(" 287 082 "), Some(1));
        for wrong in ["", "28708", "2870820", "+87082", "28708a", "２８７０８２", "94287082"] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_address_is_encoded_and_the_longest_one_fits_into_a_qr_code() {
        assert_eq!(
            uri(SEED, "blog.example", "a:b?&"),
            "otpauth://totp/blog%2Eexample:a%3Ab%3F%26?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=blog%2Eexample\
             &algorithm=SHA1&digits=6&period=30"
        );
        let longest = uri(SEED, &"x".repeat(253), &"𞤢".repeat(64));
        let svg = qr_svg(&longest).expect("it fits");
        assert!(svg.starts_with("<svg") && !svg.contains("style="), "{}", &svg[..200]);
    }
}
