//! Serializes pipelined requests: actix does not see the next request until the previous one has been answered.
//!
//! actix-http parses pipelined requests while it serves the first, but remembers what it needs for a response, such as
//! whether the method is HEAD, only for the request that it parsed last.

use std::{
    cell::{Cell, RefCell},
    io,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
};

use actix_web::{rt::net::TcpStream, web::BytesMut};
use tokio::io::{AsyncRead, ReadBuf};

use super::framing::Framing;

/// Counts the answered requests of a connection.
#[derive(Debug, Default)]
pub(super) struct Answered {
    count: Cell<usize>,
    waiting: RefCell<Option<Waker>>,
}

impl Answered {
    /// Counts an answered request and lets the next one be read.
    pub(super) fn add(&self) {
        self.count.set(self.count.get() + 1);
        if let Some(waiting) = self.waiting.take() {
            waiting.wake();
        }
    }
}

/// Reads requests one by one.
#[derive(Debug, Default)]
pub(super) struct Pipeline {
    framing: Framing,
    /// The number of complete requests read so far.
    requests: usize,
    /// Bytes that were read beyond the last of them.
    ahead: BytesMut,
}

impl Pipeline {
    /// Reads no further than the end of a request, and nothing while a request is unanswered. The rest stays in the
    /// kernel's buffers, so that a client that sends ahead does not fill memory.
    pub(super) fn poll_read(
        &mut self,
        stream: &mut TcpStream,
        answered: &Answered,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.requests > answered.count.get() {
            return self.wait(stream, answered, context);
        }
        if self.ahead.is_empty() {
            let start = buffer.filled().len();
            ready!(Pin::new(stream).poll_read(context, buffer))?;
            let bytes = buffer.filled().get(start..).unwrap_or_default();
            if let Some(end) = self.framing.end_of_request(bytes) {
                self.requests += 1;
                self.ahead.extend_from_slice(bytes.get(end..).unwrap_or_default());
                buffer.set_filled(start + end);
            }
        } else {
            self.read_ahead(buffer);
        }
        Poll::Ready(Ok(()))
    }

    fn read_ahead(&mut self, buffer: &mut ReadBuf<'_>) {
        let mut end = self.ahead.len().min(buffer.remaining());
        if let Some(request) = self.framing.end_of_request(self.ahead.get(..end).unwrap_or_default()) {
            self.requests += 1;
            end = request;
        }
        buffer.put_slice(&self.ahead.split_to(end));
        if self.ahead.is_empty() {
            self.ahead = BytesMut::new();
        }
    }

    /// Waits until the request is answered or the client resets the connection.
    fn wait(&self, stream: &TcpStream, answered: &Answered, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let is_ready = stream.poll_read_ready(context).is_ready();
        if is_ready && let Some(error) = stream.take_error()? {
            return Poll::Ready(Err(error));
        }
        // If nothing is ready or buffered, the socket wakes the task when more arrives.
        if is_ready || !self.ahead.is_empty() {
            answered.waiting.replace(Some(context.waker().clone()));
        }
        Poll::Pending
    }
}
