//! Standard output and standard error, written by threads of their own: no request, and not the end of the process,
//! waits for whoever reads them.

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

/// Log lines that may wait to be written, about two megabytes of them. The library's default, 128,000, would be forty.
const MAX_WAITING: usize = 8192;

/// How long the end of the process waits for what was not written yet.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// Bytes of log lines that are written at once. The queue is flushed whenever it is empty, so that no line waits for
/// more.
const BUFFER: usize = 64 * 1024;

static NOT_QUEUED: OnceLock<ErrorCounter> = OnceLock::new();
static NOT_WRITTEN: AtomicU64 = AtomicU64::new(0);

/// A writer to standard error that never blocks. When the queue is full, lines are dropped and counted: to wait instead
/// would let a stalled reader stop the server.
///
/// The lines that still wait are written when the guard is dropped.
#[must_use]
pub fn log_writer() -> (NonBlocking, LogGuard) {
    let builder = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(MAX_WAITING).thread_name("log");
    // Not `io::stderr`: its lock would be held for as long as the reader stalls, and all others that write to it wait.
    let (writer, guard) = match io::stderr().as_fd().try_clone_to_owned() {
        Ok(file) => builder.finish(LogFile::new(File::from(file))),
        Err(_) => builder.finish(LogFile::new(io::stderr())),
    };
    // There is one log in a process; a second one is not counted.
    let _ = NOT_QUEUED.set(writer.error_counter());
    (writer, LogGuard(Some(guard)))
}

/// How many log lines were dropped since the process was started.
#[must_use]
pub fn dropped_lines() -> u64 {
    let not_queued = NOT_QUEUED.get().map_or(0, ErrorCounter::dropped_lines);
    u64::try_from(not_queued).unwrap_or(u64::MAX).saturating_add(NOT_WRITTEN.load(Ordering::Relaxed))
}

/// Writes text, and waits for its reader no longer than [`FLUSH_TIMEOUT`]. A stream that nobody reads is no error: the
/// server does not need it.
pub fn write_bounded(mut stream: impl Write + Send + 'static, text: String) {
    bounded(move || {
        let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    });
}

/// Runs `work` on a thread of its own and waits for it, but not for ever.
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

/// Writes what is still queued when it is dropped.
#[derive(Debug)]
pub struct LogGuard(Option<WorkerGuard>);

impl Drop for LogGuard {
    /// The library's guard has a time limit too, but when that is over it says so on standard output, which may be the
    /// same pipe.
    fn drop(&mut self) {
        if let Some(guard) = self.0.take() {
            bounded(move || drop(guard));
        }
    }
}

/// What the log thread writes to.
struct LogFile<W: Write> {
    file: BufWriter<W>,
    /// Dropped lines that the log has mentioned.
    reported: u64,
    /// Whether the last flush went well.
    is_writable: bool,
}

impl<W: Write> LogFile<W> {
    fn new(file: W) -> Self {
        Self { file: BufWriter::with_capacity(BUFFER, file), reported: 0, is_writable: false }
    }
}

impl<W: Write> Write for LogFile<W> {
    /// Never fails: at an error the library would give up the line without counting it. What is in the buffer stays
    /// there and is tried again, such as when a full disk has room again.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.file.write_all(line).is_err() {
            NOT_WRITTEN.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    /// The library flushes whenever the queue is empty: there is room for a warning then, and not after a flush, which
    /// may have waited for the reader while the queue filled up. Where nothing can be written, the warning would be
    /// dropped, and cause the next one.
    fn flush(&mut self) -> io::Result<()> {
        let dropped = dropped_lines();
        if self.is_writable && dropped > self.reported {
            let lines = dropped - self.reported;
            tracing::warn!(lines, total = dropped, "log lines were dropped: standard error did not take them in time");
            self.reported = dropped;
        }
        self.is_writable = self.file.flush().is_ok();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk with so much room.
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
    fn what_a_full_disk_takes_when_it_has_room_again_are_whole_lines_and_others_are_counted() {
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
