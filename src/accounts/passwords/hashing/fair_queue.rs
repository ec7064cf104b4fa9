//! The order in which passwords are hashed: client networks take turns, and an account has at most two hashes running
//! at a time.
//!
//! With a single first-in-first-out queue, one client that keeps signing in, even with the correct password, determines
//! how long everyone else waits. Round robin over the networks is fair queueing (John Nagle, RFC 970): a request of
//! another network is served within one round, however many requests are waiting. Rate limits were rejected because
//! they turn users away even when the server is idle.

use std::collections::{HashMap, VecDeque};

use crate::{
    accounts::profile::username::{AccountHash, account_hash},
    base::client::Client,
};

/// A higher limit would only let one account take threads from the others.
const MAX_RUNNING_PER_ACCOUNT: usize = 2;

/// At the default cost and with two threads, the last one waits for two seconds.
const MAX_WAITING_PER_NETWORK: usize = 16;

/// The client network and the account that a password is hashed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requester {
    network: String,
    account: AccountHash,
}

impl Requester {
    /// Identifies a client that signs in to, or registers, the account with this name.
    #[must_use]
    pub fn new(client: &Client, username: &str) -> Self {
        Self { network: client.network(), account: account_hash(username) }
    }

    pub(in crate::accounts) fn network(&self) -> &str {
        &self.network
    }

    pub(in crate::accounts) fn from_parts(network: String, account: AccountHash) -> Self {
        Self { network, account }
    }
}

/// The waiting and running tasks. The queue does not run anything itself: after each [`push`](Self::push) and
/// [`finish`](Self::finish), its owner runs the tasks that [`start`](Self::start) returns until it returns `None`.
pub(in crate::accounts) struct FairQueue<T> {
    free_threads: usize,
    max_waiting: usize,
    waiting: usize,
    last_id: u64,
    running: HashMap<AccountHash, usize>,
    /// Ordered by turn. No network in the list is empty.
    networks: VecDeque<Network<T>>,
}

struct Network<T> {
    name: String,
    tasks: VecDeque<Waiting<T>>,
}

struct Waiting<T> {
    id: u64,
    account: AccountHash,
    task: T,
}

impl<T> FairQueue<T> {
    pub(in crate::accounts) fn new(threads: usize, max_waiting: usize) -> Self {
        let (running, networks) = (HashMap::new(), VecDeque::new());
        Self { free_threads: threads, max_waiting, waiting: 0, last_id: 0, running, networks }
    }

    pub(in crate::accounts) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Adds a task and returns its id, or `None` if the queue is full.
    pub(in crate::accounts) fn push(&mut self, requester: Requester, task: T) -> Option<u64> {
        let Requester { network, account } = requester;
        let starts_at_once = self.free_threads > 0 && self.may_start(&account);
        if !starts_at_once && !self.make_room(&network) {
            return None;
        }
        self.last_id += 1;
        let (id, name) = (self.last_id, network);
        let waiting = Waiting { id, account, task };
        match self.networks.iter_mut().find(|network| network.name == name) {
            Some(network) => network.tasks.push_back(waiting),
            None => self.networks.push_back(Network { name, tasks: VecDeque::from([waiting]) }),
        }
        self.waiting += 1;
        Some(id)
    }

    /// Removes and returns the next task that a free thread may run.
    pub(in crate::accounts) fn start(&mut self) -> Option<(AccountHash, T)> {
        if self.free_threads == 0 {
            return None;
        }
        // A network whose accounts are all busy keeps its turn.
        let next = |network: &Network<T>| network.tasks.iter().position(|task| self.may_start(&task.account));
        let (network, task) = self.networks.iter().enumerate().find_map(|(at, network)| Some((at, next(network)?)))?;

        let mut network = self.networks.remove(network)?;
        let started = network.tasks.remove(task);
        if !network.tasks.is_empty() {
            self.networks.push_back(network);
        }
        let Waiting { account, task, .. } = started?;
        self.waiting -= 1;
        self.free_threads -= 1;
        *self.running.entry(account).or_default() += 1;
        Some((account, task))
    }

    /// Marks a task of this account as finished.
    pub(in crate::accounts) fn finish(&mut self, account: &AccountHash) {
        self.free_threads += 1;
        if let Some(running) = self.running.get_mut(account) {
            *running -= 1;
            if *running == 0 {
                self.running.remove(account);
            }
        }
    }

    /// Removes a task whose caller has gone. Does nothing if the task has already started.
    pub(in crate::accounts) fn cancel(&mut self, network: &str, id: u64) {
        let Some(at) = self.networks.iter().position(|waiting| waiting.name == network) else { return };
        let Some(tasks) = self.networks.get_mut(at).map(|network| &mut network.tasks) else { return };
        let before = tasks.len();
        tasks.retain(|task| task.id != id);
        self.waiting -= before - tasks.len();
        if tasks.is_empty() {
            self.networks.remove(at);
        }
    }

    fn may_start(&self, account: &AccountHash) -> bool {
        self.running.get(account).is_none_or(|running| *running < MAX_RUNNING_PER_ACCOUNT)
    }

    /// Returns whether another task of this network may wait.
    ///
    /// If the queue is full, the network with the most tasks loses its newest one, as in RFC 8290, section 4.1: a
    /// network with few tasks is not refused because of others that have many. Between networks of about the same
    /// length, the newcomer is refused, because dropping an earlier task would only move the refusal.
    fn make_room(&mut self, name: &str) -> bool {
        let own = self.networks.iter().find(|network| network.name == name).map_or(0, |network| network.tasks.len());
        if own >= MAX_WAITING_PER_NETWORK {
            return false;
        }
        if self.waiting < self.max_waiting {
            return true;
        }
        let longest = self.networks.iter_mut().max_by_key(|network| network.tasks.len());
        match longest.filter(|longest| longest.tasks.len() > own + 1) {
            Some(longest) => {
                longest.tasks.pop_back();
                self.waiting -= 1;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requester(network: &str, account: u8) -> Requester {
        Requester::from_parts(network.to_owned(), [account; 32])
    }

    /// A queue with one thread, which is busy with a task of account 0.
    fn busy(max_waiting: usize) -> FairQueue<String> {
        let mut queue = FairQueue::new(1, max_waiting);
        queue.push(requester("elsewhere", 0), "first".to_owned()).expect("a free thread");
        assert_eq!(queue.start(), Some(([0; 32], "first".to_owned())));
        queue
    }

    /// Adds `count` tasks of a network, each for a different account.
    fn push(queue: &mut FairQueue<String>, network: &str, count: u8) -> Vec<Option<u64>> {
        (0..count).map(|number| queue.push(requester(network, 100 + number), format!("{network}{number}"))).collect()
    }

    /// Runs all tasks one after another and returns them in that order.
    fn drain(queue: &mut FairQueue<String>) -> Vec<String> {
        let (mut order, mut running) = (Vec::new(), [0; 32]);
        loop {
            queue.finish(&running);
            let Some((account, task)) = queue.start() else { break };
            running = account;
            order.push(task);
        }
        assert_eq!(queue.waiting(), 0);
        order
    }

    #[test]
    fn networks_take_turns_regardless_of_their_number_of_tasks() {
        let mut queue = busy(100);
        push(&mut queue, "a", 4);
        push(&mut queue, "b", 1);
        push(&mut queue, "c", 2);
        assert_eq!(drain(&mut queue), ["a0", "b0", "c0", "a1", "c1", "a2", "a3"]);
    }

    #[test]
    fn a_network_that_was_just_served_goes_to_the_back() {
        let mut queue = busy(100);
        push(&mut queue, "a", 1);
        push(&mut queue, "b", 1);
        queue.finish(&[0; 32]);
        assert_eq!(queue.start().map(|(_, task)| task).as_deref(), Some("a0"));
        queue.push(requester("a", 50), "a again".to_owned()).expect("room");
        queue.finish(&[100; 32]);
        assert_eq!(queue.start().map(|(_, task)| task).as_deref(), Some("b0"));
    }

    #[test]
    fn an_account_runs_at_most_two_tasks_and_others_overtake_it() {
        let mut queue = FairQueue::new(4, 100);
        for (network, account, task) in [("a", 1, "a1"), ("b", 1, "b1"), ("c", 1, "c1"), ("c", 2, "c2")] {
            queue.push(requester(network, account), task).expect("room");
        }
        let started: Vec<_> = std::iter::from_fn(|| queue.start()).map(|(_, task)| task).collect();
        assert_eq!(started, ["a1", "b1", "c2"]);
        queue.finish(&[2; 32]);
        assert_eq!(queue.start(), None, "a thread is free, but this account has reached its limit");
        queue.finish(&[1; 32]);
        assert_eq!(queue.start(), Some(([1; 32], "c1")));
    }

    #[test]
    fn a_network_may_have_sixteen_tasks_waiting_and_others_still_enter() {
        let mut queue = busy(100);
        let ids = push(&mut queue, "a", 17);
        assert_eq!(ids.iter().filter(|id| id.is_some()).count(), 16);
        assert_eq!(ids.last(), Some(&None));
        assert!(push(&mut queue, "b", 1).iter().all(Option::is_some));
        assert_eq!(drain(&mut queue).get(1).map(String::as_str), Some("b0"));
    }

    #[test]
    fn a_full_queue_drops_the_newest_task_of_the_network_with_the_most() {
        let mut queue = busy(4);
        push(&mut queue, "a", 4);
        assert_eq!(push(&mut queue, "a", 1), [None]);
        assert!(push(&mut queue, "b", 2).iter().all(Option::is_some));
        assert_eq!(push(&mut queue, "b", 1), [None], "both networks have two tasks");
        assert!(push(&mut queue, "c", 1).iter().all(Option::is_some));
        let mut left = drain(&mut queue);
        left.sort();
        assert!(left == ["a0", "a1", "b0", "c0"] || left == ["a0", "b0", "b1", "c0"], "{left:?}");
    }

    #[test]
    fn a_task_that_can_start_at_once_needs_no_room_in_the_queue() {
        let mut queue = FairQueue::new(1, 0);
        assert!(queue.push(requester("a", 1), "runs").is_some());
        assert_eq!(queue.start(), Some(([1; 32], "runs")));
        assert_eq!(queue.push(requester("b", 2), "waits"), None);
        queue.finish(&[1; 32]);
        assert!(queue.push(requester("b", 2), "runs").is_some());
    }

    #[test]
    fn a_cancelled_task_makes_room() {
        let mut queue = busy(100);
        let ids = push(&mut queue, "a", 16);
        queue.cancel("a", ids[3].expect("room"));
        queue.cancel("a", ids[3].expect("room"));
        queue.cancel("b", 1);
        assert_eq!(queue.waiting(), 15);
        assert!(queue.push(requester("a", 50), "a again".to_owned()).is_some());
        assert!(!drain(&mut queue).contains(&"a3".to_owned()));
        let id = push(&mut queue, "a", 1)[0].expect("room");
        queue.cancel("a", id);
        assert_eq!((queue.waiting(), queue.start()), (0, None));
    }
}
