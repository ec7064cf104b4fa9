//! Graceful shutdown: a signal arrives, the server drains, requests in flight finish, it stops.

use std::{
    io,
    net::TcpListener,
    pin::pin,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use actix_server::ServerHandle;
use actix_web::{
    rt::{
        self,
        signal::unix::{Signal, SignalKind, signal},
        time::sleep,
    },
    web::Data,
};
use futures_util::future::{Either, select};
use rustix::net::{Shutdown, shutdown};
use tokio::sync::oneshot;

use super::service_manager;
use crate::http::AppState;

/// How long requests are still read after connections are refused, for clients that connected just before. actix reads
/// no more requests once it is told to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(1);

/// Waits for a signal, then stops the server. It drains first: `/readyz` tells proxies to use other nodes, and no
/// request is refused until they do.
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination>
///
/// Each further signal skips the current step: first the delay, then the wait for requests in flight.
pub(super) async fn on_signal(
    signals: &mut Signals,
    server: ServerHandle,
    sockets: ListeningSockets,
    stop_jobs: oneshot::Sender<()>,
    state: Data<AppState>,
) {
    signals.stop().await;
    let delay = state.config.server.shutdown_delay;
    tracing::info!(?delay, "stopping");
    service_manager::stopping();
    // No job starts from now on, and one that is running has time to end while requests do.
    drop(stop_jobs);
    state.start_draining();
    select(pin!(sleep(delay)), pin!(signals.stop())).await;

    sockets.refuse_connections();
    select(pin!(sleep(LAST_REQUESTS.min(delay))), pin!(signals.stop())).await;
    if let Either::Right(_) = select(pin!(server.stop(true)), pin!(signals.stop())).await {
        tracing::warn!("stopped by another signal; requests in flight aborted");
    }
}

/// Handlers of SIGINT and SIGTERM. A signal that arrives before [`Signals::stop`] is called is not lost.
#[derive(Debug)]
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Replaces the default handlers, which end the process.
    ///
    /// SIGHUP, which a closed terminal sends and other servers use to reload their settings, is only logged: settings
    /// are read at start only.
    pub fn install() -> io::Result<Self> {
        let mut hangup = signal(SignalKind::hangup())?;
        rt::spawn(async move {
            while hangup.recv().await.is_some() {
                tracing::info!("SIGHUP ignored: settings are read at start only");
            }
        });
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for the next SIGINT or SIGTERM.
    pub async fn stop(&mut self) {
        select(pin!(self.interrupt.recv()), pin!(self.terminate.recv())).await;
    }
}

static ARE_CLOSED: AtomicBool = AtomicBool::new(false);

/// Whether the server refuses connections. actix then logs errors that it cannot accept any.
#[must_use]
pub fn refuses_connections() -> bool {
    ARE_CLOSED.load(Ordering::Relaxed)
}

/// Duplicate handles of the sockets that the server listens on.
#[derive(Debug, Default)]
pub(super) struct ListeningSockets(Vec<TcpListener>);

impl ListeningSockets {
    pub(super) fn add(&mut self, listener: &TcpListener) -> io::Result<()> {
        self.0.push(listener.try_clone()?);
        Ok(())
    }

    /// Makes the system refuse new connections, so that a proxy switches to another node.
    ///
    /// Shuts the sockets down rather than closing them: they belong to actix, which closes them only together with the
    /// connections whose request it has not read yet.
    pub(super) fn refuse_connections(&self) {
        ARE_CLOSED.store(true, Ordering::Relaxed);
        for socket in &self.0 {
            // Not supported on macOS, for example. Connections are then refused when actix closes the socket.
            if let Err(error) = shutdown(socket, Shutdown::Both) {
                tracing::debug!(%error, "cannot shut down listening socket");
            }
        }
    }
}
