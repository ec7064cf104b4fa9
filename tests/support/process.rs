//! The program as a process of its own.

use std::{
    env,
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

use super::client::Client;

const DEFAULTS: [(&str, &str); 4] = [("PORT", "0"), ("BCRYPT_COST", "4"), ("LOG_FORMAT", "json"), ("THROTTLE", "off")];

/// A server, killed when the test is over.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) address: String,
    pub(crate) log: PathBuf,
}

/// A command that runs the program in a folder with only these settings, and `SESSION_CACHE` from the environment: CI
/// runs the tests with and without the cache.
pub(crate) fn command(folder: &Path, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
    let cache = env::var("SESSION_CACHE").ok().map(|cache| ("SESSION_CACHE", cache));
    command.env_clear().envs(cache).envs(settings.iter().copied()).current_dir(folder).stdin(Stdio::null());
    command
}

impl Process {
    /// Starts the server and waits until it listens.
    pub(crate) fn start(folder: &Path, settings: &[(&str, &str)]) -> Self {
        Self::start_by(folder, settings, |server| server)
    }

    /// The same, with a command that `wrap` derives from the server's.
    pub(crate) fn start_by(folder: &Path, settings: &[(&str, &str)], wrap: impl FnOnce(Command) -> Command) -> Self {
        let log = folder.join("log");
        let mut command = wrap(command(folder, &[DEFAULTS.as_slice(), settings].concat()));
        command.stderr(File::create(&log).unwrap());
        Self::spawn(command, log)
    }

    /// The same, with standard error in a pipe that nobody reads yet.
    pub(crate) fn start_with_piped_log(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let mut command = command(folder, &[DEFAULTS.as_slice(), settings].concat());
        command.stderr(Stdio::piped());
        Self::spawn(command, PathBuf::new())
    }

    fn spawn(mut command: Command, log: PathBuf) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("listening on ").and_then(|rest| rest.split_once(": open "));
        let address = address.unwrap_or_else(|| panic!("the server did not start: {line}")).0.to_owned();
        Self { child, address, log }
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.address)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
