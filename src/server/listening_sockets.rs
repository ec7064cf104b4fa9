//! The sockets that the server listens on, to close them while its connections go on.

use std::{
    io,
    net::TcpListener,
    sync::atomic::{AtomicBool, Ordering},
};

use rustix::net::{Shutdown, shutdown};

static ARE_CLOSED: AtomicBool = AtomicBool::new(false);

/// Whether the server refuses connections: actix reports as errors that it cannot accept any more.
#[must_use]
pub fn refuses_connections() -> bool {
    ARE_CLOSED.load(Ordering::Relaxed)
}

/// Second handles of the sockets that the server listens on.
#[derive(Debug, Default)]
pub(super) struct ListeningSockets(Vec<TcpListener>);

impl ListeningSockets {
    /// # Errors
    /// The system has no room for another open file.
    pub(super) fn add(&mut self, listener: &TcpListener) -> io::Result<()> {
        self.0.push(listener.try_clone()?);
        Ok(())
    }

    /// Has the system refuse connections from now on, so that a proxy turns to another node.
    ///
    /// Not by closing the sockets, which actix has: it closes them only together with the connections whose request it
    /// has not read yet.
    pub(super) fn refuse_connections(&self) {
        ARE_CLOSED.store(true, Ordering::Relaxed);
        for socket in &self.0 {
            // Where the system cannot do this, as on macOS, connections are refused when actix closes the socket.
            if let Err(error) = shutdown(socket, Shutdown::Both) {
                tracing::debug!(%error, "a listening socket stays open for now");
            }
        }
    }
}
