//! The progress of a long command.

use std::io::{self, IsTerminal, Read, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A progress bar on standard error.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Starts the bar. It is only visible if standard error is a terminal and the output is not JSON.
    pub(super) fn start(json: bool) -> Self {
        let bar = ProgressBar::no_length().with_style(ProgressStyle::default_spinner());
        let is_shown = !json && io::stderr().is_terminal();
        bar.set_draw_target(if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
        bar.set_style(style("{spinner} {bytes} read, {elapsed}"));
        Self(bar)
    }

    /// Sets the number of bytes to read; 0 if unknown.
    pub(super) fn expect(&self, bytes: u64) {
        if bytes > 0 {
            self.0.set_length(bytes);
            self.0.set_style(style("{wide_bar} {bytes} of {total_bytes}, {eta} left"));
        }
    }

    /// Counts the bytes that are read.
    pub(super) fn watch(&self, source: impl Read + 'static) -> impl Read + 'static {
        self.0.wrap_read(source)
    }

    /// Writes a line to standard error, above the bar.
    ///
    /// # Errors
    /// Standard error is closed.
    pub(super) fn print_line(&self, line: &str) -> io::Result<()> {
        self.0.suspend(|| writeln!(io::stderr(), "{line}"))
    }

    /// Removes the bar.
    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
