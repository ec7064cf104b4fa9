//! Notifies the service manager if the server was started by systemd (`Type=notify`).
//! <https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html>

use std::time::Duration;

use actix_web::rt::time::interval;
use sd_notify::NotifyState;

use super::event_loops::EventLoops;

/// Reports that the server is listening.
pub fn ready() {
    notify(&NotifyState::Ready);
}

/// Reports that the server is stopping.
pub(super) fn stopping() {
    notify(&NotifyState::Stopping);
}

/// Notifies the watchdog twice per interval that all event loops are running. Does nothing without a watchdog.
///
/// Only a restart can fix a blocked or lost event loop. The database is not checked: the server recovers by itself when
/// the database does, and until then a restart would stop the responses that need no database. Nor does the server send
/// itself an HTTP request, which would fail under a flood of connections.
pub(super) async fn feed_watchdog(event_loops: EventLoops) {
    let Some(limit) = sd_notify::watchdog_enabled().filter(|limit| !limit.is_zero()) else { return };
    let half: Duration = limit / 2;
    let mut ticks = interval(half);
    loop {
        ticks.tick().await;
        if event_loops.respond_within(half).await {
            notify(&NotifyState::Watchdog);
        } else {
            tracing::error!(?half, "event loop does not respond; watchdog not notified");
        }
    }
}

/// Only logs errors: the server works without a service manager.
fn notify(state: &NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(std::slice::from_ref(state)) {
        tracing::warn!(%error, %state, "cannot notify the service manager (NOTIFY_SOCKET)");
    }
}
