//! The signals by which an operator stops the server.

use std::{io, pin::pin};

use actix_web::rt::{
    self,
    signal::unix::{Signal, SignalKind, signal},
};
use futures_util::future::select;

/// SIGINT and SIGTERM, from when they were installed: none is lost between then and [`Signals::stop`].
#[derive(Debug)]
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Takes the signals over from the system, whose way is to end the process.
    ///
    /// SIGHUP, which a closed terminal sends and by which other servers read their settings again, does nothing but
    /// write a line: settings are read at start.
    ///
    /// # Errors
    /// The system's own.
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
