//! Servers in processes of their own, and the resources that they use.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use rustix::{
    param::clock_ticks_per_second,
    process::{Pid, Signal, kill_process},
};

use crate::support::{self, database::TestDatabase};

pub(crate) struct Server {
    process: Child,
    pub(crate) address: String,
}

impl Server {
    /// The server with its defaults, except for limits that would refuse the load, and for the log, which the bare
    /// handler does not have.
    pub(crate) fn tollgate(database: &TestDatabase, settings: &[(&str, &str)]) -> Self {
        Self::start(Self::command(database, settings))
    }

    pub(crate) fn command(database: &TestDatabase, settings: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
        let defaults = [
            ("DATABASE_URL", database.url.as_str()),
            ("SECRET_KEY", support::server::SECRET_KEY),
            ("PORT", "0"),
            ("READS_LIMIT", "4294967295"),
            ("THROTTLE", "off"),
            ("LOG_LEVEL", "warn"),
        ];
        command.env_clear().current_dir(database.folder()).envs(defaults).envs(settings.iter().copied());
        command
    }

    /// Starts a server and reads the address that it listens on.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("listening on ").unwrap().split(": open").next().unwrap().to_owned();
        Self { process, address }
    }

    /// Processor time until now in seconds, including the kernel's on its behalf.
    pub(crate) fn processor_time(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        // The name may contain spaces. After it, user and system time are the twelfth and thirteenth field.
        let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks: f64 = fields.iter().skip(11).take(2).map(|ticks| ticks.parse::<f64>().unwrap()).sum();
        ticks / clock_ticks_per_second() as f64
    }

    /// Bytes that the system has written to disks for it until now.
    pub(crate) fn bytes_written(&self) -> f64 {
        let io = fs::read_to_string(format!("/proc/{}/io", self.process.id())).unwrap();
        io.lines().find_map(|line| line.strip_prefix("write_bytes: ")).unwrap().parse().unwrap()
    }

    /// Stops the server as an operator does.
    pub(crate) fn stop(mut self) {
        let id = Pid::from_child(&self.process);
        kill_process(id, Signal::TERM).unwrap();
        self.process.wait().unwrap();
    }

    /// Resident memory in MiB.
    pub(crate) fn memory(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
