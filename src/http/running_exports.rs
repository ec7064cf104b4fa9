//! Limits each account to one export at a time.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

/// The users whose accounts this process is exporting. Each export may hold a few hundred rows in memory for as long as
/// its client takes to read them. Nodes do not share this, because each limits its own memory. Clones share the same
/// state.
#[derive(Clone, Debug, Default)]
pub struct RunningExports(Arc<Mutex<HashSet<i64>>>);

/// A running export, which ends when this is dropped.
#[derive(Debug)]
pub(super) struct RunningExport {
    user_id: i64,
    running: RunningExports,
}

impl RunningExports {
    /// Returns `None` if an export of the user's account is already running.
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
