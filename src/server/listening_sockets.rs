//! Stops the server from accepting connections while existing ones continue.

use std::{
    io,
    net::TcpListener,
    sync::atomic::{AtomicBool, Ordering},
};

use rustix::net::{Shutdown, shutdown};

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
