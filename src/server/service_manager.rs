//! What the service manager is told, where systemd has started the server (`Type=notify`).
//! <https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html>

use std::time::Duration;

use actix_web::rt::time::interval;
use sd_notify::NotifyState;

use super::event_loops::EventLoops;

/// The server listens.
pub fn ready() {
    notify(&NotifyState::Ready);
}

/// The server was asked to stop.
pub(super) fn stopping() {
    notify(&NotifyState::Stopping);
}

/// Tells the watchdog, twice in its time, that all event loops run; without a watchdog, nothing.
///
/// A blocked or lost event loop is what only a restart ends. The database is not asked: a server whose database is away
/// goes on by itself when it is back, and a restart would lose what it could still answer. Nor does the server call
/// itself over HTTP, which a flood of connections would keep from being answered.
pub(super) async fn feed_watchdog(event_loops: EventLoops) {
    let Some(limit) = sd_notify::watchdog_enabled().filter(|limit| !limit.is_zero()) else { return };
    let half: Duration = limit / 2;
    let mut ticks = interval(half);
    loop {
        ticks.tick().await;
        if event_loops.respond_within(half).await {
            notify(&NotifyState::Watchdog);
        } else {
            tracing::error!(?half, "an event loop does not respond: the watchdog is not told that all is well");
        }
    }
}

/// A service manager that cannot be reached is one line: the server serves without it.
fn notify(state: &NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(std::slice::from_ref(state)) {
        tracing::warn!(%error, %state, "the service manager (NOTIFY_SOCKET) cannot be reached");
    }
}
