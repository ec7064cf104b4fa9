//! Limits the bodies that are received at the same time from clients without a credential.

use std::{
    collections::{BTreeMap, HashMap},
    future::Future,
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures_util::future::{Either, select};
use tokio::sync::oneshot;

/// Slots for bodies. If all are in use, the network with the most gives up its newest one, and of several such networks the
/// one whose first body takes longest: clients that send slowly cannot keep the others out, however many networks they have.
#[derive(Debug)]
pub struct BodySlots {
    max: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// In the order in which they were acquired.
    slots: BTreeMap<u64, Holder>,
    acquired: u64,
}

#[derive(Debug)]
struct Holder {
    network: String,
    /// Dropped to take the slot away.
    _keep: oneshot::Sender<()>,
}

/// Releases a slot when it is dropped.
struct Slot<'s> {
    slots: &'s BodySlots,
    number: u64,
}

impl BodySlots {
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self { max, held: Mutex::default() }
    }

    /// Receives a body in a slot. Returns `None` if the slot is taken away before the body has arrived.
    pub(super) async fn receive<B>(&self, network: String, body: impl Future<Output = B>) -> Option<B> {
        let (_slot, taken) = self.acquire(network);
        match select(pin!(body), taken).await {
            Either::Left((body, _)) => Some(body),
            Either::Right(_) => None,
        }
    }

    fn acquire(&self, network: String) -> (Slot<'_>, oneshot::Receiver<()>) {
        let (keep, taken) = oneshot::channel();
        let mut held = self.lock();
        held.acquired += 1;
        let number = held.acquired;
        held.slots.insert(number, Holder { network, _keep: keep });
        if held.slots.len() > self.max
            && let Some(given_up) = held.slot_to_give_up()
        {
            held.slots.remove(&given_up);
        }
        (Slot { slots: self, number }, taken)
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn slot_to_give_up(&self) -> Option<u64> {
        // Per network: how many, the first and the last.
        let mut networks: HashMap<&str, (usize, u64, u64)> = HashMap::new();
        for (number, holder) in &self.slots {
            let (count, _, last) = networks.entry(&holder.network).or_insert((0, *number, *number));
            *count += 1;
            *last = *number;
        }
        let most = networks.into_values().max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        most.map(|(_, _, last)| last)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.slots.lock().slots.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use futures_util::{FutureExt, future::LocalBoxFuture};

    use super::*;

    fn slow<'s>(slots: &'s BodySlots, network: &str) -> LocalBoxFuture<'s, Option<()>> {
        let mut body = slots.receive(network.to_owned(), pending()).boxed_local();
        assert!((&mut body).now_or_never().is_none(), "the newest body of the network with the most is its own");
        body
    }

    fn is_dropped(body: &mut LocalBoxFuture<'_, Option<()>>) -> bool {
        body.now_or_never() == Some(None)
    }

    #[test]
    fn the_network_with_the_most_bodies_gives_up_its_newest() {
        let slots = BodySlots::new(3);
        let (mut other, mut first, mut second) = (slow(&slots, "b"), slow(&slots, "a"), slow(&slots, "a"));
        assert_eq!(slots.receive("a".to_owned(), pending::<()>()).now_or_never(), Some(None));
        let mut newcomer = slow(&slots, "c");
        assert!(is_dropped(&mut second));
        assert!(![&mut other, &mut first, &mut newcomer].into_iter().any(is_dropped));
    }

    #[test]
    fn of_networks_with_as_many_bodies_the_slowest_gives_up() {
        let slots = BodySlots::new(2);
        let (mut first, mut second) = (slow(&slots, "a"), slow(&slots, "b"));
        assert_eq!(slots.receive("c".to_owned(), ready(1)).now_or_never(), Some(Some(1)));
        assert!(is_dropped(&mut first));
        assert!(!is_dropped(&mut second));
    }

    #[test]
    fn a_slot_is_released_with_its_body() {
        let slots = BodySlots::new(1);
        assert_eq!(slots.receive("a".to_owned(), ready(1)).now_or_never(), Some(Some(1)));
        drop(slow(&slots, "a"));
        assert!(slots.lock().slots.is_empty());
    }
}
