//! Logs panics.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    panic::{self, PanicHookInfo},
    thread,
};

/// Replaces the standard library's hook, which writes to standard error directly: the panicking thread, which may be
/// serving requests, could block on a stalled reader, and a JSON log would contain lines that are not JSON.
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
        panic = message.unwrap_or("payload is not a string"),
        backtrace = backtrace.as_ref().map(tracing::field::display),
        "thread panicked"
    );
}
