//! Writes to standard output and standard error on dedicated threads, so that neither a request nor the end of the
//! process waits for a stalled reader.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    os::fd::AsFd,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};

/// Maximum number of log lines waiting to be written: about 2 MB. The library's default, 128,000, would be about 40 MB.
const MAX_WAITING: usize = 8192;

/// How long the end of the process waits for pending output.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// Bytes of log lines written at once. The buffer is flushed whenever the queue is empty, so that no line waits for
/// others.
const BUFFER: usize = 64 * 1024;

static NOT_QUEUED: OnceLock<ErrorCounter> = OnceLock::new();
static NOT_WRITTEN: AtomicU64 = AtomicU64::new(0);

/// Returns a writer to standard error that never blocks. If the queue is full, lines are dropped and counted: waiting
/// instead would let a stalled reader stop the server.
///
/// Dropping the guard writes the lines that are still queued.
#[must_use]
pub fn log_writer() -> (NonBlocking, LogGuard) {
    let builder = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(MAX_WAITING).thread_name("log");
    // Not `io::stderr`, whose lock would be held while the reader stalls and block every other writer.
    let (writer, guard) = match io::stderr().as_fd().try_clone_to_owned() {
        Ok(file) => builder.finish(LogFile::new(File::from(file))),
        Err(_) => builder.finish(LogFile::new(io::stderr())),
    };
    // A process has one log; lines dropped by a second one are not counted.
    let _ = NOT_QUEUED.set(writer.error_counter());
    (writer, LogGuard(Some(guard)))
}

/// Number of log lines dropped since the process started.
#[must_use]
pub fn dropped_lines() -> u64 {
    let not_queued = NOT_QUEUED.get().map_or(0, ErrorCounter::dropped_lines);
    u64::try_from(not_queued).unwrap_or(u64::MAX).saturating_add(NOT_WRITTEN.load(Ordering::Relaxed))
}

/// Writes text, waiting at most [`FLUSH_TIMEOUT`] for its reader. Ignores errors: the server works without the stream.
pub fn write_bounded(mut stream: impl Write + Send + 'static, text: String) {
    bounded(move || {
        let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    });
}

/// Runs `work` on its own thread and waits at most [`FLUSH_TIMEOUT`] for it.
fn bounded(work: impl FnOnce() + Send + 'static) {
    let (sender, receiver) = mpsc::channel::<()>();
    let spawned = thread::Builder::new().name("flush".to_owned()).spawn(move || {
        work();
        drop(sender);
    });
    if spawned.is_ok() {
        let _ = receiver.recv_timeout(FLUSH_TIMEOUT);
    }
}

/// Writes the queued lines when it is dropped.
#[derive(Debug)]
pub struct LogGuard(Option<WorkerGuard>);

impl Drop for LogGuard {
    /// The library's guard has a timeout, too, but reports it on standard output, which may be the same stalled pipe.
    fn drop(&mut self) {
        if let Some(guard) = self.0.take() {
            bounded(move || drop(guard));
        }
    }
}

/// The file that the log thread writes to.
struct LogFile<W: Write> {
    file: BufWriter<W>,
    /// Number of dropped lines that were already reported in the log.
    reported: u64,
    /// Whether the last flush succeeded.
    is_writable: bool,
}

impl<W: Write> LogFile<W> {
    fn new(file: W) -> Self {
        Self { file: BufWriter::with_capacity(BUFFER, file), reported: 0, is_writable: false }
    }
}

impl<W: Write> Write for LogFile<W> {
    /// Never fails, because on an error the library would drop the line without counting it. The buffer is retained and
    /// written later, for example when a full disk has space again.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.file.write_all(line).is_err() {
            NOT_WRITTEN.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    /// Reports dropped lines. The library flushes whenever the queue is empty, so that the queue has space for the
    /// warning; after the flush it may not, because the queue may have filled up while the flush waited for the reader.
    /// If nothing can be written, no warning is logged: it would be dropped and cause the next warning.
    fn flush(&mut self) -> io::Result<()> {
        let dropped = dropped_lines();
        if self.is_writable && dropped > self.reported {
            let lines = dropped - self.reported;
            tracing::warn!(lines, total = dropped, "log lines were dropped: standard error was not read in time");
            self.reported = dropped;
        }
        self.is_writable = self.file.flush().is_ok();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk with limited space.
    struct Disk {
        written: Vec<u8>,
        room: usize,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.get(..bytes.len().min(self.room - self.written.len())).unwrap_or_default();
            self.written.extend_from_slice(taken);
            if taken.is_empty() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken.len()) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_disk_that_was_full_receives_complete_lines_and_dropped_ones_are_counted() {
        let mut log = LogFile::new(Disk { written: Vec::new(), room: 1000 });
        let line = |number: usize| format!("{number:07}\n");
        let lines = 2 * BUFFER / 8;
        for number in 0..lines {
            log.write_all(line(number).as_bytes()).expect("it never fails");
            log.flush().expect("it never fails");
        }
        let dropped = NOT_WRITTEN.load(Ordering::Relaxed);
        assert!(dropped > 0);
        log.file.get_mut().room = usize::MAX;
        log.flush().expect("it never fails");
        let written = String::from_utf8(log.file.get_ref().written.clone()).expect("text");
        let kept = lines - usize::try_from(dropped).expect("a small number");
        assert_eq!(written, (0..kept).map(line).collect::<String>());
    }
}
