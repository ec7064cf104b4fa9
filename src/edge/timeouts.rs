//! Times out connections of clients that are too slow.
//!
//! actix has timeouts for the first head of a connection and for the first byte of each further request. It waits
//! forever for the rest of such a request, and for a client to receive a response. It also sends 408 on a connection on
//! which no request was sent, so it gets each connection only when its first byte has arrived.

use std::{
    cell::Cell,
    future::poll_fn,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use actix_web::rt::{
    net::TcpStream,
    time::{Sleep, sleep},
};
use prometheus_client::metrics::gauge::Gauge;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    limits::Connection,
    pipeline::{Answered, Pipeline},
};

/// The maximum number of unread bytes discarded when a connection is closed.
const MAX_DISCARDED: usize = 64 * 1024;

/// Whether a connection is serving a request, and if not, since when it has been idle. Shared by its stream and its
/// requests.
#[derive(Debug)]
pub struct ConnectionActivity {
    served: Cell<usize>,
    idle_since: Cell<Instant>,
    answered: Answered,
    connection: Connection,
    /// Counts open connections, if metrics are enabled.
    open: Option<Gauge>,
}

impl ConnectionActivity {
    /// Marks a request as being served until the guard is dropped. Meanwhile the client waits for the server, so its
    /// timeout does not run.
    pub fn serve(self: Rc<Self>) -> Serving {
        self.served.set(self.served.get() + 1);
        self.connection.set_busy();
        Serving(self)
    }

    fn start(connection: Connection, open: Option<Gauge>) -> Rc<Self> {
        if let Some(open) = &open {
            open.inc();
        }
        let (served, idle_since) = (Cell::new(0), Cell::new(Instant::now()));
        Rc::new(Self { served, idle_since, answered: Answered::default(), connection, open })
    }

    fn idle(&self) -> Option<Duration> {
        (self.served.get() == 0).then(|| self.idle_since.get().elapsed())
    }

    /// Whether the connection is idle and must make room for another one.
    fn must_close(&self, context: &Context<'_>) -> bool {
        self.connection.is_closing(context.waker()) && self.served.get() == 0
    }

    /// Records whether a response is stuck because its client is not receiving it.
    fn set_stuck(&self, is_stuck: bool) {
        if is_stuck {
            self.connection.set_busy();
        } else {
            let now = Instant::now();
            self.idle_since.set(now);
            if self.served.get() == 0 && self.connection.is_busy() {
                self.connection.set_idle(now);
            }
        }
    }
}

impl Drop for ConnectionActivity {
    fn drop(&mut self) {
        if let Some(open) = &self.open {
            open.dec();
        }
    }
}

/// A guard for a request that is being served.
#[derive(Debug)]
pub struct Serving(Rc<ConnectionActivity>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.served.set(self.0.served.get() - 1);
        let now = Instant::now();
        self.0.idle_since.set(now);
        self.0.connection.set_idle(now);
        self.0.answered.add();
    }
}

/// A connection that fails if for too long its client has neither completed a request nor received any part of a
/// response. Progress in receiving is visible only in large steps: the kernel reports room for more after the client
/// has received about a third of the send buffer.
#[derive(Debug)]
pub struct TimeoutStream {
    stream: TcpStream,
    pipeline: Pipeline,
    activity: Rc<ConnectionActivity>,
    limit: Duration,
    deadline: Pin<Box<Sleep>>,
}

impl TimeoutStream {
    /// Wraps a connection that was just accepted. `open` counts the open connections.
    #[must_use]
    pub fn new(stream: TcpStream, limit: Duration, connection: Connection, open: Option<Gauge>) -> Self {
        let (pipeline, activity) = (Pipeline::default(), ConnectionActivity::start(connection, open));
        Self { stream, pipeline, activity, limit, deadline: Box::pin(sleep(limit)) }
    }

    /// The activity to share with the connection's requests.
    #[must_use]
    pub fn activity(&self) -> Rc<ConnectionActivity> {
        self.activity.clone()
    }

    /// Waits until the client sends something. Browsers and connection pools open connections that they may never use. The
    /// timeout for the head does not run on those: a client might take its 408 for the response to its first request.
    ///
    /// # Errors
    /// Nothing arrived for too long, or the connection must make room for another one.
    pub async fn first_byte(&mut self) -> io::Result<()> {
        poll_fn(|context| match self.stream.poll_read_ready(context) {
            Poll::Pending if self.activity.must_close(context) => {
                Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
            }
            Poll::Pending => self.wait(context),
            ready => ready,
        })
        .await
    }

    /// Fails when the client has been idle for too long.
    fn wait<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        // The deadline is not reset on every read and write, but extended when it expires.
        while self.deadline.as_mut().poll(context).is_ready() {
            let idle = self.activity.idle().unwrap_or_default();
            match self.limit.checked_sub(idle) {
                None | Some(Duration::ZERO) => return Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
                Some(left) => self.deadline.set(sleep(left)),
            }
        }
        Poll::Pending
    }

    /// Discards unread input, such as requests after the last one that is answered. If a socket is closed with unread
    /// bytes, the kernel resets the connection and the client may lose the last response (RFC 9112, section 9.6).
    fn discard_unread(&self) {
        let (mut bytes, mut discarded) = ([0; 4096], 0);
        while discarded < MAX_DISCARDED {
            match self.stream.try_read(&mut bytes) {
                Ok(read @ 1..) => discarded += read,
                _ => break,
            }
        }
    }

    fn written(&mut self, written: Poll<io::Result<usize>>, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.activity.set_stuck(written.is_pending());
        match written {
            Poll::Pending => self.wait(context),
            ready => ready,
        }
    }
}

impl AsyncRead for TimeoutStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { stream, pipeline, activity, .. } = &mut *self;
        match pipeline.poll_read(stream, &activity.answered, context, buffer) {
            // Reports the end of the stream, as if the client had closed it, so that actix finishes what it is sending.
            Poll::Pending if self.activity.must_close(context) => Poll::Ready(Ok(())),
            Poll::Pending => self.wait(context),
            ready => ready,
        }
    }
}

impl AsyncWrite for TimeoutStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.written(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.discard_unread();
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
