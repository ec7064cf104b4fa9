//! Raises the limit of open files to fit the maximum number of connections.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Open files other than connections: the database, its files, the log and the runtime's.
const OTHERS: u64 = 256;

/// Raises the limit for `connections` as far as the system allows. Returns the number of connections that it allows;
/// more of them would leave no files for the database.
///
/// The usual soft limit, 1024, is so low only for programs that call `select`, which this one does not.
#[must_use]
pub fn make_room(connections: usize) -> usize {
    let wanted = wanted(connections);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return connections;
    }
    let raised = wanted.min(maximum.unwrap_or(u64::MAX));
    let got = match setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum }) {
        Ok(()) => raised,
        Err(error) => {
            tracing::warn!(%error, "cannot raise the limit of open files");
            current.unwrap_or(u64::MAX)
        }
    };
    let served = usize::try_from(got.saturating_sub(OTHERS)).unwrap_or(usize::MAX).clamp(1, connections);
    if served < connections {
        tracing::warn!(files = got, served, "the limit of open files is too low for MAX_CONNECTIONS");
    }
    served
}

/// The numbers of files needed and allowed, if the system allows too few.
#[must_use]
pub fn shortfall(connections: usize) -> Option<(u64, u64)> {
    let (wanted, max) = (wanted(connections), getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX));
    (max < wanted).then_some((wanted, max))
}

fn wanted(connections: usize) -> u64 {
    u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OTHERS)
}
