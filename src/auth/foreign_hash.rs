//! Passwords that other programs have stored: verified as they are, so that users can be brought along.

use argon2::{
    Argon2, PasswordVerifier,
    password_hash::{self},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Whether this is the password that was stored, in a form that is none of ours; `None` where the form is not known.
/// `password` is what was typed: other programs hash it as it comes.
pub(super) fn verify(password: &str, stored: &str) -> Option<bool> {
    let password = password.as_bytes();
    if stored.starts_with("$argon2id$") {
        argon2(password, stored)
    } else if let Some(parameters) = stored.strip_prefix("pbkdf2_sha256$") {
        django(password, parameters)
    } else if let Some(parameters) = stored.strip_prefix("pbkdf2:sha256:") {
        werkzeug_pbkdf2(password, parameters)
    } else if let Some(parameters) = stored.strip_prefix("scrypt:") {
        werkzeug_scrypt(password, parameters)
    } else {
        None
    }
}

fn argon2(password: &[u8], stored: &str) -> Option<bool> {
    match Argon2::default().verify_password(password, stored) {
        Ok(()) => Some(true),
        Err(password_hash::Error::PasswordInvalid) => Some(false),
        Err(_) => None,
    }
}

/// `<rounds>$<salt>$<base64>`
fn django(password: &[u8], parameters: &str) -> Option<bool> {
    let (rounds, salt, expected) = three(parameters)?;
    Some(is_same(&BASE64_STANDARD.encode(pbkdf2(password, salt, rounds)?), expected))
}

/// `<rounds>$<salt>$<hexadecimal>`
fn werkzeug_pbkdf2(password: &[u8], parameters: &str) -> Option<bool> {
    let (rounds, salt, expected) = three(parameters)?;
    Some(is_same(&hexadecimal(&pbkdf2(password, salt, rounds)?), expected))
}

/// `<n>:<r>:<p>$<salt>$<hexadecimal>`
fn werkzeug_scrypt(password: &[u8], parameters: &str) -> Option<bool> {
    let (cost, salt, expected) = three(parameters)?;
    let (n, r, p) = three_by(cost, ':')?;
    let n: u64 = n.parse().ok().filter(|n: &u64| n.is_power_of_two())?;
    let parameters = scrypt::Params::new(u8::try_from(n.ilog2()).ok()?, r.parse().ok()?, p.parse().ok()?).ok()?;
    let mut derived = [0_u8; 64];
    scrypt::scrypt(password, salt.as_bytes(), &parameters, &mut derived).ok()?;
    Some(is_same(&hexadecimal(&derived), expected))
}

fn pbkdf2(password: &[u8], salt: &str, rounds: &str) -> Option<[u8; 32]> {
    let rounds = rounds.parse().ok().filter(|rounds| *rounds > 0)?;
    Some(pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(password, salt.as_bytes(), rounds))
}

fn three(text: &str) -> Option<(&str, &str, &str)> {
    three_by(text, '$')
}

fn three_by(text: &str, separator: char) -> Option<(&str, &str, &str)> {
    let mut parts = text.split(separator);
    let three = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some(three)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_another_form_is_no_hash() {
        let wrong = [
            "",
            "x",
            "pbkdf2:sha256:",
            "pbkdf2:sha256:0$salt$00",
            "pbkdf2:sha256:1000$salt",
            "pbkdf2:sha256:1000$salt$00$00",
            "pbkdf2:md5:1000$salt$00",
            "pbkdf2_sha256$-1$salt$AA==",
            "scrypt:3:8:1$salt$00",
            "scrypt:1024:8$salt$00",
            "scrypt:18446744073709551615:8:1$salt$00",
            "scrypt:1024:4294967295:4294967295$salt$00",
            "$argon2id$",
            "$argon2id$v=19$m=64,t=1,p=2$salt$",
            "$argon2i$v=19$m=64,t=1,p=2$+xn+Lvmo4kLD5d2sM6RuDQ$Tj8hGGtMb26gm6LVIhMTE9H107YhDBq+R3BlTtmbJ1U",
            "plain$four sneaky newts",
        ];
        for stored in wrong {
            assert_eq!(verify("four sneaky newts", stored), None, "{stored}");
        }
    }
}
