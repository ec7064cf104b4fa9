//! One request at a time: what a client sends behind a request is not given to actix until that request is answered.
//!
//! actix-http parses pipelined requests while it serves the first, and keeps what it needs to know for a response, such
//! as whether it is one to HEAD, only of the last that it has parsed.

use std::{
    cell::{Cell, RefCell},
    io,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
};

use actix_web::{rt::net::TcpStream, web::BytesMut};
use tokio::io::{AsyncRead, ReadBuf};

use super::framing::Framing;

/// How many requests of a connection are answered.
#[derive(Debug, Default)]
pub(in crate::http) struct Answered {
    count: Cell<usize>,
    waiting: RefCell<Option<Waker>>,
}

impl Answered {
    /// Counts one more, and lets the next request be read.
    pub(in crate::http) fn add(&self) {
        self.count.set(self.count.get() + 1);
        if let Some(waiting) = self.waiting.take() {
            waiting.wake();
        }
    }
}

/// Reads requests one by one.
#[derive(Debug, Default)]
pub(in crate::http) struct Pipeline {
    framing: Framing,
    /// Complete requests that were read.
    requests: usize,
    /// Bytes behind the last of them.
    ahead: BytesMut,
}

impl Pipeline {
    /// Reads from the stream no further than to the end of a request, and nothing while one is unanswered: the rest
    /// stays with the system, so that who sends ahead fills no memory.
    pub(in crate::http) fn poll_read(
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

    /// Waits for an answer, or for a client that breaks the connection off.
    fn wait(&self, stream: &TcpStream, answered: &Answered, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let is_ready = stream.poll_read_ready(context).is_ready();
        if is_ready && let Some(error) = stream.take_error()? {
            return Poll::Ready(Err(error));
        }
        // Of what comes later the system tells.
        if is_ready || !self.ahead.is_empty() {
            answered.waiting.replace(Some(context.waker().clone()));
        }
        Poll::Pending
    }
}
