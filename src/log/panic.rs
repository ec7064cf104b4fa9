//! Panics, as lines of the log.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    panic::{self, PanicHookInfo},
    thread,
};

/// Has panics logged. The standard library's hook writes to standard error itself: the thread that panics, which may be
/// one that serves requests, would wait for a reader that stalls, and a log in JSON would have lines that are none.
pub(super) fn log_panics() {
    panic::set_hook(Box::new(log));
}

fn log(panic: &PanicHookInfo<'_>) {
    let payload = panic.payload();
    let message =
        payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then_some(backtrace);
    tracing::error!(
        thread = thread::current().name(),
        location = panic.location().map(tracing::field::display),
        panic = message.unwrap_or("not a text"),
        backtrace = backtrace.as_ref().map(tracing::field::display),
        "a thread panicked"
    );
}
