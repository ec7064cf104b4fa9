//! Standard output, whose reader may go away: `tollgate user list | head`.

use std::io::{self, ErrorKind, Write};

/// Standard output. Unlike `io::stdout()`, it can be told from a socket when its reader has gone away.
pub(super) struct Output(io::Stdout);

/// Nobody reads the output any more.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads the output")]
struct ReaderGone;

pub(super) fn stdout() -> Output {
    Output(io::stdout())
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(marked)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(marked)
    }
}

fn marked(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::BrokenPipe { io::Error::new(ErrorKind::BrokenPipe, ReaderGone) } else { error }
}

/// Whether a command failed only because nobody reads its output any more.
///
/// The C library's programs are ended by SIGPIPE instead. Rust ignores that signal, and to restore it takes `unsafe`.
#[must_use]
pub fn is_reader_gone(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.is_some_and(|error| error.is::<ReaderGone>())
}
