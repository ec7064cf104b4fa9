//! Monitors the event loops of the threads that serve requests, which must never block.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use actix_web::rt::{spawn, time::timeout};
use futures_util::future::join_all;
use tokio::sync::{
    mpsc::{UnboundedSender, unbounded_channel},
    oneshot,
};

/// Sends pings to the task that answers them on an event loop.
type Pings = UnboundedSender<oneshot::Sender<()>>;

/// The event loops of the server. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct EventLoops(Arc<Mutex<Vec<Pings>>>);

impl EventLoops {
    /// Adds the event loop of the current thread.
    pub(super) fn add_current(&self) {
        let (pings, mut receiver) = unbounded_channel::<oneshot::Sender<()>>();
        spawn(async move {
            while let Some(pong) = receiver.recv().await {
                let _ = pong.send(());
            }
        });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(pings);
    }

    /// Whether every event loop runs a task within `limit`. Event loops that have ended are ignored: after a panic the
    /// server starts a replacement, which adds itself.
    pub(super) async fn respond_within(&self, limit: Duration) -> bool {
        timeout(limit, join_all(self.ping())).await.is_ok()
    }

    fn ping(&self) -> Vec<oneshot::Receiver<()>> {
        let mut loops = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut pongs = Vec::new();
        loops.retain(|pings| {
            let (sender, pong) = oneshot::channel();
            let is_running = pings.send(sender).is_ok();
            if is_running {
                pongs.push(pong);
            }
            is_running
        });
        pongs
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread};

    use actix_web::rt::Runtime;

    use super::*;

    const SOON: Duration = Duration::from_secs(60);

    type Work = Box<dyn FnOnce() + Send>;

    /// Starts a thread whose event loop runs the work it is sent, until the sender is dropped.
    fn other_thread(event_loops: &EventLoops) -> (UnboundedSender<Work>, thread::JoinHandle<()>) {
        let (event_loops, (sender, mut receiver)) = (event_loops.clone(), unbounded_channel::<Work>());
        let (added, is_added) = mpsc::channel();
        let serve = async move {
            event_loops.add_current();
            added.send(()).expect("the test waits");
            while let Some(work) = receiver.recv().await {
                work();
            }
        };
        let other = thread::spawn(move || Runtime::new().expect("a runtime").block_on(serve));
        is_added.recv().expect("it is added");
        (sender, other)
    }

    #[actix_web::test]
    async fn a_blocked_event_loop_is_noticed_and_so_is_its_recovery() {
        let event_loops = EventLoops::default();
        let (_idle, busy) = (other_thread(&event_loops), other_thread(&event_loops));
        assert!(event_loops.respond_within(SOON).await);
        let (unblock, blocked) = mpsc::channel::<()>();
        let (begun, has_begun) = mpsc::channel();
        let block: Work = Box::new(move || {
            begun.send(()).expect("the test waits");
            let _ = blocked.recv();
        });
        busy.0.send(block).expect("it runs");
        // Until the work runs, the event loop could still answer.
        has_begun.recv().expect("it has begun");
        assert!(!event_loops.respond_within(Duration::from_millis(50)).await);
        drop(unblock);
        assert!(event_loops.respond_within(SOON).await);
    }

    #[actix_web::test]
    async fn an_event_loop_that_has_ended_is_ignored() {
        let event_loops = EventLoops::default();
        let (work, ended) = other_thread(&event_loops);
        drop(work);
        ended.join().expect("it ends");
        assert!(event_loops.respond_within(SOON).await);
    }
}
