//! What is shown while a command takes long.

use std::{
    io::{self, IsTerminal},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};

/// How long a command may take without a sign of life.
pub(super) const QUIET: Duration = Duration::from_secs(1);

const TICK: Duration = Duration::from_millis(100);

/// Shows on standard error for how long it has existed, after [`QUIET`], if that is a terminal. On a thread, because commands
/// block theirs.
pub(super) struct Waiting(Option<(Sender<()>, JoinHandle<()>)>);

impl Waiting {
    pub(super) fn start(json: bool) -> Self {
        if json || !io::stderr().is_terminal() {
            return Self(None);
        }
        let (end, ended) = mpsc::channel();
        let show = move || {
            if ended.recv_timeout(QUIET) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::new_spinner().with_elapsed(QUIET);
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed}") {
                bar.set_style(style);
            }
            while ended.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                bar.tick();
            }
            bar.finish_and_clear();
        };
        Self(Some((end, thread::spawn(show))))
    }
}

impl Drop for Waiting {
    /// The line is gone before anything else is printed.
    fn drop(&mut self) {
        if let Some((end, shown)) = self.0.take() {
            drop(end);
            // It only fails if it has panicked, and then nothing is shown.
            let _ = shown.join();
        }
    }
}
