//! How much work it is to check a password, in rounds of bcrypt, so that every check that fails can take as long.
//!
//! With `CONTRACT=modern` a failed login must not show whether the name is known, but a hash that another program made,
//! one of another cost, or one of a long password takes more or less time than the bcrypt hash that is computed for an
//! unknown name. So what is missing is made up for with bcrypt. To answer after a fixed time was turned down: that time
//! is too short as soon as the machine is busy, which anybody can see to. Work grows with the load as the rest does.

use std::{
    hint::black_box,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};

/// bcrypt has no lower cost.
const MIN_COST: u32 = 4;

/// A sixteenth of a hash: long enough to be measured, and short beside it.
const PROBE: u32 = 4;

/// What a check has taken so far.
#[derive(Debug, Default)]
pub(in crate::accounts) struct Work {
    /// Rounds of bcrypt in all.
    rounds: u64,
    /// Those of the costliest single hash.
    costliest: u64,
    /// CPU time of what is not bcrypt, and not yet in `rounds`.
    foreign: Duration,
}

impl Work {
    /// Notes a bcrypt hash.
    pub(in crate::accounts) fn add_bcrypt(&mut self, cost: u32) {
        self.rounds += rounds(cost);
        self.costliest = self.costliest.max(rounds(cost));
    }

    /// Computes a hash of another kind.
    pub(in crate::accounts) fn measure<T>(&mut self, compute: impl FnOnce() -> T) -> T {
        let before = cpu_time();
        let computed = compute();
        self.foreign += cpu_time().saturating_sub(before);
        computed
    }

    /// Does what is missing to as many `hashes` of the budget, which is raised first if one hash was more than it.
    ///
    /// Any number of rounds is a sum of powers of two, and so of bcrypt hashes.
    pub(in crate::accounts) fn fill(&mut self, hashes: usize, budget: &Budget) {
        self.convert(budget);
        let hashes = u64::try_from(hashes).unwrap_or(u64::MAX);
        let target = budget.raise(self.costliest).saturating_mul(hashes);
        let missing = target.saturating_sub(self.rounds);
        for cost in (MIN_COST..=31).rev().filter(|cost| missing & rounds(*cost) != 0) {
            self.spend(cost);
        }
    }

    /// Turns the time of the other kinds into rounds of bcrypt, at the speed that this thread has right now.
    fn convert(&mut self, budget: &Budget) {
        if self.foreign.is_zero() {
            return;
        }
        let cost = (budget.rounds().ilog2()).saturating_sub(PROBE).max(MIN_COST);
        let before = cpu_time();
        self.spend(cost);
        let foreign = equivalent(self.foreign, cpu_time().saturating_sub(before), rounds(cost));
        self.foreign = Duration::ZERO;
        self.rounds += foreign;
        // With the probe, without which it cannot be done.
        self.costliest = self.costliest.max(self.rounds);
    }

    fn spend(&mut self, cost: u32) {
        // It fails for a cost out of bounds only.
        let _ = black_box(bcrypt::hash_with_salt(b"", cost, [0; 16]));
        self.rounds += rounds(cost);
    }
}

/// The work of a failed check, in rounds of bcrypt for each hash that it needs.
///
/// It is that of a hash of the present cost, or of the costliest stored hash that was seen since the start if that is
/// more: one of a user who has not signed in since the cost was lowered, or since the import. Until such a hash is
/// seen, a guess at it takes longer than one at an unknown name; so those of bcrypt are looked for at the start.
#[derive(Debug)]
pub(in crate::accounts) struct Budget(AtomicU64);

impl Budget {
    pub(in crate::accounts) fn new(cost: u32) -> Self {
        Self(AtomicU64::new(rounds(cost)))
    }

    fn rounds(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// A stored hash takes so many rounds; what a failed check takes from now on.
    fn raise(&self, rounds: u64) -> u64 {
        let before = self.0.fetch_max(rounds, Ordering::Relaxed);
        if rounds > before {
            let times = rounds.div_ceil(before.max(1));
            tracing::warn!(
                times,
                "a stored password hash is costlier than those of BCRYPT_COST; all failed logins now take as long"
            );
        }
        before.max(rounds)
    }

    /// A stored bcrypt hash has this cost.
    pub(in crate::accounts) fn raise_to_cost(&self, cost: u32) {
        self.raise(rounds(cost));
    }
}

fn rounds(cost: u32) -> u64 {
    1_u64.checked_shl(cost).unwrap_or(u64::MAX)
}

/// How many rounds take `foreign`, if `probe_rounds` of them take `probe`.
fn equivalent(foreign: Duration, probe: Duration, probe_rounds: u64) -> u64 {
    let rounds = foreign.as_nanos().saturating_mul(u128::from(probe_rounds)).checked_div(probe.as_nanos());
    rounds.and_then(|rounds| u64::try_from(rounds).ok()).unwrap_or_default()
}

/// What this thread has computed. Not the time of day: on a busy machine the thread waits for a core most of the time.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or_default(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

#[cfg(test)]
impl Work {
    pub(in crate::accounts) fn rounds(&self) -> u64 {
        self.rounds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_sum_of_hashes_is_filled_up_to_the_budget() {
        let budget = Budget::new(8);
        for costs in [&[][..], &[4], &[5, 7], &[8], &[4, 4, 4], &[7, 7]] {
            let mut work = Work::default();
            costs.iter().for_each(|cost| work.add_bcrypt(*cost));
            work.fill(1, &budget);
            assert_eq!(work.rounds(), 256, "{costs:?}");
        }
        let mut twice = Work::default();
        twice.add_bcrypt(8);
        twice.fill(2, &budget);
        assert_eq!(twice.rounds(), 512);
    }

    #[test]
    fn a_costlier_hash_raises_the_budget_of_all_that_follow() {
        let budget = Budget::new(6);
        let (mut costlier, mut next) = (Work::default(), Work::default());
        costlier.add_bcrypt(7);
        costlier.fill(1, &budget);
        next.add_bcrypt(6);
        next.fill(1, &budget);
        assert_eq!((costlier.rounds(), next.rounds()), (128, 128));
    }

    #[test]
    fn a_hash_is_costlier_by_itself_and_not_because_two_were_needed() {
        let budget = Budget::new(6);
        let mut work = Work::default();
        work.add_bcrypt(6);
        work.add_bcrypt(6);
        work.fill(2, &budget);
        assert_eq!((work.rounds(), budget.rounds()), (128, 64));
    }

    #[test]
    fn time_is_turned_into_rounds_at_the_speed_of_the_probe() {
        let millis = Duration::from_millis;
        assert_eq!(equivalent(millis(86), millis(19), 256), 1158);
        assert_eq!(equivalent(millis(86), Duration::ZERO, 256), 0, "a clock that stands still tells nothing");
    }

    #[test]
    fn another_kind_of_hash_is_filled_up_as_well() {
        let budget = Budget::new(10);
        let mut work = Work::default();
        work.measure(|| bcrypt::hash_with_salt(b"", 6, [0; 16]).expect("a hash"));
        work.fill(1, &budget);
        let target = budget.rounds();
        assert!((target - 15..=target).contains(&work.rounds()), "{} of {target}", work.rounds());
    }
}
