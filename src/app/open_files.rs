//! Room for as many connections as may be served at once: each is an open file to the system.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What else is open: the database, its files, the log, what the runtime needs.
const OTHERS: u64 = 256;

/// Takes as many as the system gives. The soft limit of most shells and services, 1024, is kept low for programs that
/// call `select`: nothing here does.
pub(super) fn make_room(connections: usize) {
    let wanted = wanted(connections);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let most = maximum.unwrap_or(u64::MAX);
    if current.is_none_or(|current| current >= wanted) {
        return;
    }
    let raised = Rlimit { current: Some(wanted.min(most)), maximum };
    if let Err(fault) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%fault, "the limit of open files stays as it is");
    } else if most < wanted {
        tracing::warn!(
            most,
            connections,
            "MAX_CONNECTIONS needs more open files than the system lets this process have"
        );
    }
}

/// How many are needed and how many there are, where those are too few.
#[must_use]
pub fn lack(connections: usize) -> Option<(u64, u64)> {
    let (wanted, most) = (wanted(connections), getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX));
    (most < wanted).then_some((wanted, most))
}

fn wanted(connections: usize) -> u64 {
    u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OTHERS)
}
