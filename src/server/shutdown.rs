//! Graceful shutdown: drain, finish requests in flight, stop.

use std::{pin::pin, time::Duration};

use actix_server::ServerHandle;
use actix_web::{rt::time::sleep, web::Data};
use futures_util::future::{Either, select};
use tokio::sync::oneshot;

use super::{Signals, listening_sockets::ListeningSockets, service_manager};
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
