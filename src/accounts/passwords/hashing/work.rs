//! Measures the work of a password check in rounds of bcrypt, so that every failed check takes equally long.
//!
//! With `CONTRACT=modern`, a failed login must not reveal whether the name is registered. A hash created by another
//! program, one of a different cost, or one of a long password takes more or less time than the bcrypt hash computed
//! for an unknown name. The difference is filled up with bcrypt. Responding after a fixed time was rejected: that time
//! is too short as soon as the machine is busy, and any client can make it busy. Work slows down with the load like
//! everything else.

use std::{
    hint::black_box,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};

/// The lowest cost that bcrypt supports.
const MIN_COST: u32 = 4;

/// The probe costs a sixteenth of a hash: long enough to be measured, and short compared with the hash.
const PROBE: u32 = 4;

/// The work of a check so far.
#[derive(Debug, Default)]
pub(in crate::accounts) struct Work {
    /// Rounds of bcrypt in total.
    rounds: u64,
    /// Rounds of the most expensive single hash.
    costliest: u64,
    /// CPU time of other kinds of hashes that is not yet included in `rounds`.
    foreign: Duration,
}

impl Work {
    /// Adds a bcrypt hash.
    pub(in crate::accounts) fn add_bcrypt(&mut self, cost: u32) {
        self.rounds += rounds(cost);
        self.costliest = self.costliest.max(rounds(cost));
    }

    /// Computes a hash of another kind and measures its CPU time.
    pub(in crate::accounts) fn measure<T>(&mut self, compute: impl FnOnce() -> T) -> T {
        let before = cpu_time();
        let computed = compute();
        self.foreign += cpu_time().saturating_sub(before);
        computed
    }

    /// Computes the rounds that are missing to `hashes` times the budget. If a single hash exceeded the budget, the
    /// budget is raised first.
    ///
    /// Any number of rounds is a sum of powers of two, and therefore of bcrypt hashes.
    pub(in crate::accounts) fn fill(&mut self, hashes: usize, budget: &Budget) {
        self.convert(budget);
        let hashes = u64::try_from(hashes).unwrap_or(u64::MAX);
        let target = budget.raise(self.costliest).saturating_mul(hashes);
        let missing = target.saturating_sub(self.rounds);
        for cost in (MIN_COST..=31).rev().filter(|cost| missing & rounds(*cost) != 0) {
            self.spend(cost);
        }
    }

    /// Converts the time of other kinds of hashes into rounds of bcrypt, at the current speed of this thread.
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
        // This includes the probe, which such a check always needs.
        self.costliest = self.costliest.max(self.rounds);
    }

    fn spend(&mut self, cost: u32) {
        // This fails only for a cost that is out of range.
        let _ = black_box(bcrypt::hash_with_salt(b"", cost, [0; 16]));
        self.rounds += rounds(cost);
    }
}

/// The work of a failed check, in rounds of bcrypt for each hash that it needs.
///
/// This is the work of a hash of the current cost, or of the most expensive stored hash that has been seen since
/// startup if that is more: the hash of a user who has not signed in since the cost was lowered, or since the import.
/// Until such a hash is seen, guessing its password takes longer than guessing that of an unknown name. This is why
/// a background job searches for expensive bcrypt hashes.
#[derive(Debug)]
pub(in crate::accounts) struct Budget(AtomicU64);

impl Budget {
    pub(in crate::accounts) fn new(cost: u32) -> Self {
        Self(AtomicU64::new(rounds(cost)))
    }

    fn rounds(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Raises the budget to at least this number of rounds, and returns the budget.
    fn raise(&self, rounds: u64) -> u64 {
        let before = self.0.fetch_max(rounds, Ordering::Relaxed);
        if rounds > before {
            let times = rounds.div_ceil(before.max(1));
            tracing::warn!(
                times,
                "stored password hash is more expensive than BCRYPT_COST; all failed logins now take as long"
            );
        }
        before.max(rounds)
    }

    pub(in crate::accounts) fn raise_to_cost(&self, cost: u32) {
        self.raise(rounds(cost));
    }
}

fn rounds(cost: u32) -> u64 {
    1_u64.checked_shl(cost).unwrap_or(u64::MAX)
}

/// The number of rounds that take as long as `foreign`, if `probe_rounds` take as long as `probe`.
fn equivalent(foreign: Duration, probe: Duration, probe_rounds: u64) -> u64 {
    let rounds = foreign.as_nanos().saturating_mul(u128::from(probe_rounds)).checked_div(probe.as_nanos());
    rounds.and_then(|rounds| u64::try_from(rounds).ok()).unwrap_or_default()
}

/// The CPU time of this thread. Wall-clock time would not do: on a busy machine, the thread mostly waits for a core.
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
    fn all_combinations_of_hashes_are_filled_up_to_the_budget() {
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
    fn a_more_expensive_hash_raises_the_budget_of_later_checks() {
        let budget = Budget::new(6);
        let (mut costlier, mut next) = (Work::default(), Work::default());
        costlier.add_bcrypt(7);
        costlier.fill(1, &budget);
        next.add_bcrypt(6);
        next.fill(1, &budget);
        assert_eq!((costlier.rounds(), next.rounds()), (128, 128));
    }

    #[test]
    fn the_budget_depends_on_single_hashes_and_not_on_their_number() {
        let budget = Budget::new(6);
        let mut work = Work::default();
        work.add_bcrypt(6);
        work.add_bcrypt(6);
        work.fill(2, &budget);
        assert_eq!((work.rounds(), budget.rounds()), (128, 64));
    }

    #[test]
    fn time_is_converted_into_rounds_at_the_speed_of_the_probe() {
        let millis = Duration::from_millis;
        assert_eq!(equivalent(millis(86), millis(19), 256), 1158);
        assert_eq!(equivalent(millis(86), Duration::ZERO, 256), 0, "a stopped clock measures nothing");
    }

    #[test]
    fn checks_of_foreign_hashes_are_filled_up_too() {
        let budget = Budget::new(10);
        let mut work = Work::default();
        work.measure(|| bcrypt::hash_with_salt(b"", 6, [0; 16]).expect("a hash"));
        work.fill(1, &budget);
        let target = budget.rounds();
        assert!((target - 15..=target).contains(&work.rounds()), "{} of {target}", work.rounds());
    }
}
