//! The signals that stop the server.

use std::{io, pin::pin};

use actix_web::rt::{
    self,
    signal::unix::{Signal, SignalKind, signal},
};
use futures_util::future::select;

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
