//! At most one export of an account at a time.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

/// The users whose accounts this process is exporting: each such response may keep some hundred rows in memory for as
/// long as its client takes to read it. Not shared between nodes, as each bounds its own memory by it. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct RunningExports(Arc<Mutex<HashSet<i64>>>);

/// An export that runs until this is dropped.
#[derive(Debug)]
pub(super) struct RunningExport {
    user_id: i64,
    running: RunningExports,
}

impl RunningExports {
    /// `None` while another export of this user's account runs.
    pub(super) fn start(&self, user_id: i64) -> Option<RunningExport> {
        let is_first = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(user_id);
        is_first.then(|| RunningExport { user_id, running: self.clone() })
    }
}

impl Drop for RunningExport {
    fn drop(&mut self) {
        self.running.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.user_id);
    }
}
