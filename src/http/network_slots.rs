//! Limits concurrent operations, in total and per network.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Slots for concurrent operations.
#[derive(Debug)]
pub struct NetworkSlots {
    max: usize,
    max_per_network: usize,
    used: Mutex<HashMap<String, usize>>,
}

/// A slot, which is released when it is dropped.
#[derive(Debug)]
pub(super) struct NetworkSlot<'s> {
    slots: &'s NetworkSlots,
    network: String,
}

impl NetworkSlots {
    /// Creates slots with a maximum in total and per network.
    #[must_use]
    pub fn new(max: usize, max_per_network: usize) -> Self {
        Self { max, max_per_network, used: Mutex::default() }
    }

    /// Acquires a slot for a network. Returns `None` if the network or the total is at its maximum.
    pub(super) fn acquire(&self, network: String) -> Option<NetworkSlot<'_>> {
        let mut used = self.lock();
        if used.values().sum::<usize>() >= self.max {
            return None;
        }
        let own = used.entry(network.clone()).or_default();
        if *own >= self.max_per_network {
            return None;
        }
        *own += 1;
        Some(NetworkSlot { slots: self, network })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for NetworkSlot<'_> {
    fn drop(&mut self) {
        let mut used = self.slots.lock();
        match used.get_mut(&self.network) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(used.remove(&self.network)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_limited_per_network_and_in_total() {
        let slots = NetworkSlots::new(3, 2);
        let acquire = |network: &str| slots.acquire(network.to_owned());
        let (first, second) = (acquire("a").expect("a slot"), acquire("a").expect("a slot"));
        assert!(acquire("a").is_none());
        let other = acquire("b").expect("a slot");
        assert!(acquire("c").is_none());
        drop(first);
        assert!(acquire("c").is_some());
        drop((second, other));
        assert!(slots.lock().is_empty());
    }
}
