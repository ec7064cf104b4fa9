//! Limits open connections per network, so that no network can lock out the others.
//!
//! actix-server stops accepting connections when `MAX_CONNECTIONS` are open, regardless of their source. So a few slots
//! are reserved: when only these are left, each new connection closes an idle one of the network with the most
//! connections. HTTP allows a server to close a connection between two requests at any time (RFC 9112, section 9.5).

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    task::Waker,
    time::Instant,
};

use futures_util::task::AtomicWaker;
use ipnet::IpNet;

use crate::base::client::Client;

/// The value of [`Activity::idle_since`] for a connection that is not idle.
const BUSY: u64 = u64::MAX;

/// The maximum number of open connections.
#[derive(Debug)]
pub struct ConnectionLimits {
    /// In total. Beyond this number, idle connections are closed.
    pub total: usize,
    /// From one network.
    pub per_network: usize,
    /// Networks that are exempt from the limit per network: those of proxies, whose connections carry many clients.
    pub exempt: Vec<IpNet>,
}

/// The open connections of all threads. Clones share the same state.
#[derive(Clone, Debug)]
pub struct Connections(Arc<Registry>);

#[derive(Debug)]
struct Registry {
    limits: ConnectionLimits,
    open: Mutex<Open>,
    /// Whether the total is exceeded because no connection was idle.
    exceeds_total: AtomicBool,
}

#[derive(Debug, Default)]
struct Open {
    networks: HashMap<String, HashMap<u64, Arc<Activity>>>,
    /// Open connections, except those that are being closed.
    count: usize,
    next_id: u64,
}

/// The activity of a connection.
#[derive(Debug)]
struct Activity {
    /// In milliseconds since the first connection, or [`BUSY`].
    idle_since: AtomicU64,
    is_closing: AtomicBool,
    waker: AtomicWaker,
}

/// An open connection, which is counted until it is dropped.
#[derive(Debug)]
pub struct Connection {
    registry: Arc<Registry>,
    network: String,
    id: u64,
    activity: Arc<Activity>,
}

impl Connections {
    #[must_use]
    pub fn new(limits: ConnectionLimits) -> Self {
        Self(Arc::new(Registry { limits, open: Mutex::default(), exceeds_total: AtomicBool::new(false) }))
    }

    /// Counts a new connection. Returns `None` if its network is at its limit and has no idle connection.
    #[must_use]
    pub fn admit(&self, ip: IpAddr) -> Option<Connection> {
        let registry = &self.0;
        let ip = ip.to_canonical();
        let network = Client::new(ip, None).network();
        let mut open = registry.lock();
        let is_exempt = registry.limits.exempt.iter().any(|exempt| exempt.contains(&ip));
        if !is_exempt && !open.make_room_in(&network, registry.limits.per_network) {
            return None;
        }
        open.count += 1;
        registry.close_idle(&mut open);
        open.next_id += 1;
        let (id, activity) = (open.next_id, Arc::new(Activity::new()));
        open.networks.entry(network.clone()).or_default().insert(id, activity.clone());
        drop(open);
        Some(Connection { registry: registry.clone(), network, id, activity })
    }
}

impl Registry {
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes idle connections while the total is exceeded.
    fn close_idle(&self, open: &mut Open) {
        while open.count > self.limits.total && open.close_one() {}
        self.exceeds_total.store(open.count > self.limits.total, Relaxed);
    }
}

impl Open {
    /// Returns whether a network may open another connection. If it is at its limit, its longest idle connection is
    /// closed.
    fn make_room_in(&mut self, network: &str, max: usize) -> bool {
        let Some(own) = self.networks.get(network).filter(|own| own.len() >= max) else { return true };
        let (count, longest_idle) = survey(own);
        if count < max {
            return true;
        }
        let Some((_, longest_idle)) = longest_idle else { return false };
        longest_idle.close();
        self.count -= 1;
        true
    }

    /// Closes the longest idle connection of the network with the most connections, among networks that have an idle
    /// one.
    fn close_one(&mut self) -> bool {
        let surveys = self.networks.values().map(survey);
        let idle = surveys.filter_map(|(count, idle)| idle.map(|(since, activity)| (count, since, activity)));
        let chosen = idle.max_by(|one, other| one.0.cmp(&other.0).then(other.1.cmp(&one.1)));
        let Some((.., activity)) = chosen else { return false };
        activity.close();
        self.count -= 1;
        true
    }
}

/// Counts the connections that are not being closed, and finds the one that has been idle for the longest.
fn survey(connections: &HashMap<u64, Arc<Activity>>) -> (usize, Option<(u64, &Arc<Activity>)>) {
    let staying = || connections.values().filter(|activity| !activity.is_closing.load(Relaxed));
    let idle = staying().filter_map(|activity| Some((activity.idle_since()?, activity)));
    (staying().count(), idle.min_by_key(|(since, _)| *since))
}

impl Activity {
    fn new() -> Self {
        Self {
            idle_since: AtomicU64::new(millis(Instant::now())),
            is_closing: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        }
    }

    fn idle_since(&self) -> Option<u64> {
        Some(self.idle_since.load(Relaxed)).filter(|since| *since != BUSY)
    }

    fn close(&self) {
        self.is_closing.store(true, Relaxed);
        self.waker.wake();
    }
}

impl Connection {
    /// Marks the connection as serving a request or waiting for its client to receive a response.
    pub(super) fn set_busy(&self) {
        self.activity.idle_since.store(BUSY, Relaxed);
    }

    pub(super) fn is_busy(&self) -> bool {
        self.activity.idle_since().is_none()
    }

    /// Marks the connection as waiting for a request since `now`.
    pub(super) fn set_idle(&self, now: Instant) {
        self.activity.idle_since.store(millis(now), Relaxed);
        if self.registry.exceeds_total.load(Relaxed) {
            self.registry.close_idle(&mut self.registry.lock());
        }
    }

    /// Whether the connection must be closed when it is idle; if not, `waker` is woken when it must.
    pub(super) fn is_closing(&self, waker: &Waker) -> bool {
        self.activity.waker.register(waker);
        self.activity.is_closing.load(Relaxed)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut open = self.registry.lock();
        if let Some(own) = open.networks.get_mut(&self.network) {
            own.remove(&self.id);
            if own.is_empty() {
                open.networks.remove(&self.network);
            }
        }
        if !self.activity.is_closing.load(Relaxed) {
            open.count -= 1;
        }
        self.registry.exceeds_total.store(open.count > self.registry.limits.total, Relaxed);
    }
}

fn millis(time: Instant) -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(time.saturating_duration_since(*START).as_millis()).unwrap_or(BUSY - 1)
}
