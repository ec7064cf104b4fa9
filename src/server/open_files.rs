//! Room for as many connections as may be served at once: each is an open file to the system.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What else is open: the database, its files, the log, what the runtime needs.
const OTHERS: u64 = 256;

/// Takes as many as the system gives; for how many connections that is enough, of those that are wanted. With more of
/// them there would be no file left for the database.
///
/// The soft limit of most shells and services, 1024, is kept low for programs that call `select`: nothing here does.
pub(super) fn make_room(connections: usize) -> usize {
    let wanted = wanted(connections);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return connections;
    }
    let raised = wanted.min(maximum.unwrap_or(u64::MAX));
    let got = match setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum }) {
        Ok(()) => raised,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files stays as it is");
            current.unwrap_or(u64::MAX)
        }
    };
    let served = usize::try_from(got.saturating_sub(OTHERS)).unwrap_or(usize::MAX).clamp(1, connections);
    if served < connections {
        tracing::warn!(files = got, served, "the system lets too few files be open for MAX_CONNECTIONS");
    }
    served
}

/// How many are needed and how many there are, where those are too few.
#[must_use]
pub fn lack(connections: usize) -> Option<(u64, u64)> {
    let (wanted, max) = (wanted(connections), getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX));
    (max < wanted).then_some((wanted, max))
}

fn wanted(connections: usize) -> u64 {
    u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OTHERS)
}
