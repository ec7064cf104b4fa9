//! Checking one password against what is stored for an account, if anything is.

use super::{
    Password, hash,
    work::{Budget, Work},
};

/// What came of checking a password.
#[expect(missing_debug_implementations, reason = "the hash must not be shown")]
pub struct Verdict {
    /// Whether it is the one that was stored.
    pub is_right: bool,
    /// What to store from now on, where what is stored is not of today's form.
    pub new_hash: Option<String>,
}

/// Checks a password. If it is not the right one, this takes the same work whatever is stored, and if nothing is.
pub(in crate::accounts) fn check(password: &Password, stored: Option<&str>, cost: u32, budget: &Budget) -> Verdict {
    let (is_right, _) = examine(password, stored, cost, budget);
    let outdated = stored.filter(|stored| is_right && hash::is_outdated(password, stored, cost));
    let new_hash = outdated.map(|_| hash::hash(password, cost)).and_then(|hashed| {
        // The password is right all the same, and the next login tries again.
        hashed.inspect_err(|error| tracing::error!(%error, "a hash could not be replaced")).ok()
    });
    Verdict { is_right, new_hash }
}

fn examine(password: &Password, stored: Option<&str>, cost: u32, budget: &Budget) -> (bool, Work) {
    let mut work = Work::default();
    let is_right = stored.and_then(|stored| {
        let is_right = hash::verify(password, stored, cost, &mut work);
        if is_right.is_none() {
            tracing::warn!("a stored password hash has an unknown form or is too costly: nobody can sign in with it");
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

    /// High enough for a sixteenth of it to be a hash as well.
    const COST: u32 = 8;

    fn password(text: &str) -> Password {
        Password::given(text).expect("a password")
    }

    /// The rounds of a check that fails.
    fn rounds(typed: &str, stored: Option<&str>) -> u64 {
        let (is_right, work) = examine(&password(typed), stored, COST, &Budget::new(COST));
        assert!(!is_right, "{stored:?}");
        work.rounds()
    }

    /// Short, cut by bcrypt, long, and one that has two spellings (RFC 8265 turns a no-break space into a space).
    fn passwords() -> [(String, u64); 4] {
        let spaced = |length| format!("\u{a0}{}", "b".repeat(length));
        [("wrong password".to_owned(), 1), ("b".repeat(200), 1), (spaced(10), 2), (spaced(200), 2)]
    }

    #[test]
    fn a_wrong_password_takes_the_same_bcrypt_rounds_for_every_bcrypt_hash_and_for_none() {
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
    fn a_wrong_password_takes_as_much_for_hashes_of_other_kinds() {
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
                // What is left over is less than the smallest hash. It is measured: a busy machine may make it more.
                assert!(!is_right && work.rounds() > (spellings << COST) - 16, "{stored}: {work:?}");
            }
        }
    }

    #[test]
    fn once_a_costlier_hash_was_seen_all_take_as_much() {
        let (budget, wrong) = (Budget::new(COST), password("wrong password"));
        let stored = hash::hash(&password("four sneaky newts"), COST + 2).expect("a hash");
        for stored in [Some(stored.as_str()), None, Some("no hash at all")] {
            assert_eq!(examine(&wrong, stored, COST, &budget).1.rounds(), 4 << COST, "{stored:?}");
        }
    }

    #[test]
    fn the_right_password_takes_no_more_than_its_own_hash() {
        let stored = hash::hash(&password("four sneaky newts"), 5).expect("a hash");
        let (is_right, work) = examine(&password("four sneaky newts"), Some(&stored), COST, &Budget::new(COST));
        assert_eq!((is_right, work.rounds()), (true, 32));
    }
}
