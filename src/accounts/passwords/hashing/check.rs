//! Checks a password against the stored hash of an account, if it has one.

use super::{
    hash,
    work::{Budget, Work},
};
use crate::accounts::passwords::Password;

/// The result of a password check.
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct Verdict {
    pub is_right: bool,
    /// A new hash to store if the stored one is outdated.
    pub new_hash: Option<String>,
}

/// Checks a password. If it is wrong, the check takes the same amount of work for every stored hash, and if there is
/// none.
pub(in crate::accounts) fn check(password: &Password, stored: Option<&str>, cost: u32, budget: &Budget) -> Verdict {
    let (is_right, _) = examine(password, stored, cost, budget);
    let outdated = stored.filter(|stored| is_right && hash::is_outdated(password, stored, cost));
    let new_hash = outdated.map(|_| hash::hash(password, cost)).and_then(|hashed| {
        // The login succeeds regardless; the next one tries again.
        hashed.inspect_err(|error| tracing::error!(%error, "failed to rehash a password")).ok()
    });
    Verdict { is_right, new_hash }
}

fn examine(password: &Password, stored: Option<&str>, cost: u32, budget: &Budget) -> (bool, Work) {
    let mut work = Work::default();
    let is_right = stored.and_then(|stored| {
        let is_right = hash::verify(password, stored, cost, &mut work);
        if is_right.is_none() {
            tracing::warn!(
                "stored password hash has an unknown format or is too expensive; the account cannot sign in"
            );
        }
        is_right
    });
    let is_right = is_right == Some(true);
    if !is_right {
        work.fill(hash::spellings(password).count(), budget);
    }
    (is_right, work)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// High enough that a sixteenth of it is still a valid bcrypt cost.
    const COST: u32 = 8;

    fn password(text: &str) -> Password {
        Password::given(text).expect("a password")
    }

    /// The bcrypt rounds of a failed check.
    fn rounds(typed: &str, stored: Option<&str>) -> u64 {
        let (is_right, work) = examine(&password(typed), stored, COST, &Budget::new(COST));
        assert!(!is_right, "{stored:?}");
        work.rounds()
    }

    /// Short, truncated by bcrypt, long, and with two spellings (RFC 8265 maps a no-break space to a space).
    fn passwords() -> [(String, u64); 4] {
        let spaced = |length| format!("\u{a0}{}", "b".repeat(length));
        [("wrong password".to_owned(), 1), ("b".repeat(200), 1), (spaced(10), 2), (spaced(200), 2)]
    }

    #[test]
    fn a_wrong_password_costs_the_same_rounds_for_every_bcrypt_hash_and_for_no_hash() {
        let of_cost = |right: &str, cost| hash::hash(&password(right), cost).expect("a hash");
        let (short, long) = ("four sneaky newts", "long ".repeat(20));
        let stored = [
            None,
            Some("no hash at all".to_owned()),
            Some(String::new()),
            Some(of_cost(short, COST)),
            Some(of_cost(short, COST).replace("$2b$", "$2y$")),
            Some(of_cost(short, COST).replace("$08$", "$31$")),
            Some(of_cost(short, 4)),
            Some(of_cost(short, 6)),
            Some(of_cost(&long, COST)),
            Some(of_cost(&long, 5)),
        ];
        for (typed, spellings) in passwords() {
            for stored in &stored {
                assert_eq!(rounds(&typed, stored.as_deref()), spellings << COST, "{typed}: {stored:?}");
            }
        }
    }

    #[test]
    fn a_wrong_password_costs_the_same_for_foreign_hashes() {
        for stored in [
            "pbkdf2:sha256:1000$salt$HEX32",
            "pbkdf2_sha256$1000$salt$BASE64",
            "scrypt:1024:8:1$salt$HEX64",
            "$argon2id$v=19$m=64,t=1,p=2$c29tZXNhbHQ$Tj8hGGtMb26gm6LVIhMTE9H107YhDBq+R3BlTtmbJ1U",
        ] {
            let stored = stored.replace("HEX32", &"0".repeat(64)).replace("HEX64", &"0".repeat(128));
            let stored = stored.replace("BASE64", &format!("{}=", "A".repeat(43)));
            for (typed, spellings) in passwords() {
                let (is_right, work) = examine(&password(&typed), Some(&stored), COST, &Budget::new(COST));
                // The remainder is smaller than the smallest hash. Foreign work is measured, so a busy machine may
                // report more.
                assert!(!is_right && work.rounds() > (spellings << COST) - 16, "{stored}: {work:?}");
            }
        }
    }

    #[test]
    fn a_more_expensive_hash_raises_the_cost_of_all_failed_checks() {
        let (budget, wrong) = (Budget::new(COST), password("wrong password"));
        let stored = hash::hash(&password("four sneaky newts"), COST + 2).expect("a hash");
        for stored in [Some(stored.as_str()), None, Some("no hash at all")] {
            assert_eq!(examine(&wrong, stored, COST, &budget).1.rounds(), 4 << COST, "{stored:?}");
        }
    }

    #[test]
    fn the_right_password_costs_only_its_own_hash() {
        let stored = hash::hash(&password("four sneaky newts"), 5).expect("a hash");
        let (is_right, work) = examine(&password("four sneaky newts"), Some(&stored), COST, &Budget::new(COST));
        assert_eq!((is_right, work.rounds()), (true, 32));
    }
}
