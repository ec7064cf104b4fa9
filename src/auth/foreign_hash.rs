//! Passwords that other programs have stored: verified as they are, so that users can be brought along.

use argon2::{
    Argon2, Params, PasswordVerifier,
    password_hash::{self, phc::PasswordHash},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use data_encoding::HEXLOWER;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The most memory that a hash may take, in KiB: eight times what the programs ask for by default.
const MOST_MEMORY: u64 = 256 * 1024;

/// The most memory that a hash may go through, in KiB, in all its passes.
const MOST_WORK: u64 = 16 * MOST_MEMORY;

/// The most rounds of PBKDF2: what Django asks for by default grows by a third a year, and was 1,500,000 in 2026.
const MOST_ROUNDS: u32 = 10_000_000;

/// Whether this is the password that was stored, in a form that is none of ours; `None` where the form is not known, or the
/// hash would take memory or time without measure.
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
    let parameters = Params::try_from(&PasswordHash::new(stored).ok()?).ok()?;
    let (memory, passes) = (u64::from(parameters.m_cost()), u64::from(parameters.t_cost()));
    if memory > MOST_MEMORY || memory * passes > MOST_WORK {
        return None;
    }
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
    Some(is_same(&HEXLOWER.encode(&pbkdf2(password, salt, rounds)?), expected))
}

/// `<n>:<r>:<p>$<salt>$<hexadecimal>`
fn werkzeug_scrypt(password: &[u8], parameters: &str) -> Option<bool> {
    let (cost, salt, expected) = three(parameters)?;
    let (n, r, p) = three_by(cost, ':')?;
    let n: u64 = n.parse().ok().filter(|n: &u64| n.is_power_of_two())?;
    let (r, p): (u32, u32) = (r.parse().ok()?, p.parse().ok()?);
    let memory = n.checked_mul(u64::from(r)).map(|blocks| blocks / 8)?;
    // The p parts are each as long as one block of the memory, and are there all at once.
    if memory > MOST_MEMORY || memory.max(1) * u64::from(p) > MOST_WORK || u64::from(r) * u64::from(p) > MOST_MEMORY {
        return None;
    }
    let parameters = scrypt::Params::new(u8::try_from(n.ilog2()).ok()?, r, p).ok()?;
    let mut derived = [0_u8; 64];
    scrypt::scrypt(password, salt.as_bytes(), &parameters, &mut derived).ok()?;
    Some(is_same(&HEXLOWER.encode(&derived), expected))
}

fn pbkdf2(password: &[u8], salt: &str, rounds: &str) -> Option<[u8; 32]> {
    let rounds = rounds.parse().ok().filter(|rounds| (1..=MOST_ROUNDS).contains(rounds))?;
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
            "pbkdf2:sha256:10000001$salt$00",
            "pbkdf2_sha256$4000000000$salt$AA==",
            "scrypt:2:1:1073741823$salt$00",
            "scrypt:2:1073741823:1$salt$00",
            "scrypt:2147483648:8:1$salt$00",
            "scrypt:1048576:8:1$salt$00",
            "scrypt:32768:8:4096$salt$00",
            "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$Tj8hGGtMb26gm6LVIhMTE9H107YhDBq+R3BlTtmbJ1U",
            "$argon2id$v=19$m=65536,t=4294967295,p=1$c29tZXNhbHQ$Tj8hGGtMb26gm6LVIhMTE9H107YhDBq+R3BlTtmbJ1U",
        ];
        for stored in wrong {
            assert_eq!(verify("four sneaky newts", stored), None, "{stored}");
        }
    }
}
