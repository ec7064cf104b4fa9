//! Connections of clients that are too slow.
//!
//! actix waits for the first head of a connection as long as it is told, and for the first byte of the next one. It
//! waits for ever for the rest of that, and for a client to take its answer.

use std::{
    cell::Cell,
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

/// Bytes that are thrown away at the end of a connection.
const MAX_DISCARDED: usize = 64 * 1024;

/// Whether a connection has a request that is being served, and since when it has none. Its stream and its requests
/// share it.
#[derive(Debug)]
pub struct ConnectionActivity {
    served: Cell<usize>,
    idle_since: Cell<Instant>,
    answered: Answered,
    connection: Connection,
    /// Which counts it, where somebody wants to know.
    open: Option<Gauge>,
}

impl ConnectionActivity {
    /// To be kept while a request is served: to wait is then the server's part.
    pub(in crate::http) fn serve(self: Rc<Self>) -> Serving {
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

    /// Whether it is idle and another connection needs its place.
    fn is_to_close(&self, context: &Context<'_>) -> bool {
        self.connection.is_closing(context.waker()) && self.served.get() == 0
    }

    /// Whether a response is stuck, because its client takes no more of it for now.
    fn set_stuck(&self, is_stuck: bool) {
        if is_stuck {
            self.connection.set_busy();
        } else {
            self.idle_since.set(Instant::now());
            if self.served.get() == 0 && self.connection.is_busy() {
                self.connection.set_idle();
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

/// A request that is being served.
#[derive(Debug)]
pub(in crate::http) struct Serving(Rc<ConnectionActivity>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.served.set(self.0.served.get() - 1);
        self.0.idle_since.set(Instant::now());
        self.0.connection.set_idle();
        self.0.answered.add();
    }
}

/// A connection that fails when its client has neither sent a whole request nor taken of an answer for too long. What
/// the system holds for the client is taken in larger parts than bytes: a third of it, before there is room for more.
#[derive(Debug)]
pub struct TimeoutStream {
    stream: TcpStream,
    pipeline: Pipeline,
    activity: Rc<ConnectionActivity>,
    limit: Duration,
    alarm: Pin<Box<Sleep>>,
}

impl TimeoutStream {
    /// A connection that was just taken on; `open` counts those that are.
    #[must_use]
    pub fn new(stream: TcpStream, limit: Duration, connection: Connection, open: Option<Gauge>) -> Self {
        let (pipeline, activity) = (Pipeline::default(), ConnectionActivity::start(connection, open));
        Self { stream, pipeline, activity, limit, alarm: Box::pin(sleep(limit)) }
    }

    /// What its requests are to know.
    #[must_use]
    pub fn activity(&self) -> Rc<ConnectionActivity> {
        self.activity.clone()
    }

    /// Fails when it is too late. The alarm is not set back for each byte, but looked at when it rings.
    fn wait<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        while self.alarm.as_mut().poll(context).is_ready() {
            let idle = self.activity.idle().unwrap_or_default();
            match self.limit.checked_sub(idle) {
                None | Some(Duration::ZERO) => return Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
                Some(left) => self.alarm.set(sleep(left)),
            }
        }
        Poll::Pending
    }

    /// Throws away what has come and is not read, such as requests behind the last that is answered: with unread bytes
    /// the system would reset the connection, and the client might lose the last response. RFC 9112, section 9.6.
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
            // As if the client had closed it: actix finishes what it is sending.
            Poll::Pending if self.activity.is_to_close(context) => Poll::Ready(Ok(())),
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
