//! How far a long command has come, for who sits before it.

use std::io::{self, IsTerminal, Read, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on standard error.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Shown where standard error is a terminal, and not to programs.
    pub(super) fn start(json: bool) -> Self {
        let bar = ProgressBar::no_length().with_style(ProgressStyle::default_spinner());
        let is_shown = !json && io::stderr().is_terminal();
        bar.set_draw_target(if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
        bar.set_style(style("{spinner} {bytes} read, {elapsed}"));
        Self(bar)
    }

    /// So many bytes are there to be read; 0 where that is not known.
    pub(super) fn expect(&self, bytes: u64) {
        if bytes > 0 {
            self.0.set_length(bytes);
            self.0.set_style(style("{wide_bar} {bytes} of {total_bytes}, {eta} to go"));
        }
    }

    /// Counts what is read.
    pub(super) fn watch(&self, source: impl Read + 'static) -> impl Read + 'static {
        self.0.wrap_read(source)
    }

    /// Writes a line on standard error, above the bar.
    ///
    /// # Errors
    /// Nobody reads it.
    pub(super) fn tell(&self, line: &str) -> io::Result<()> {
        self.0.suspend(|| writeln!(io::stderr(), "{line}"))
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
