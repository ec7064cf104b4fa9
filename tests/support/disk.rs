//! A disk of a few megabytes, which only the servers see that are started on it.

use std::{
    env,
    fs::{self, File},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use tempfile::TempDir;

/// Mounts the disk in a namespace of its own, says so, and mounts it anew with what it is told.
///
/// Not a mount that all of the machine sees: that would stay behind where a test is killed. This one goes with the last
/// process that sees it, and a pipe closes with its process, however that ends.
const GUARD: &str = r#"
mount -t tmpfs -o "size=$1" tollgate "$0" || exit 1
echo ready
while read -r options; do
    mount -o "remount,$options" "$0" && echo "$options" || echo refused
done
"#;

/// What makes the namespace, and what enters it: root's way, and anybody's.
const WAYS: [(&[&str], &[&str]); 2] = [
    (&["--mount"], &["--mount"]),
    (&["--user", "--map-root-user", "--mount"], &["--user", "--preserve-credentials", "--mount"]),
];

pub(crate) struct Disk {
    folder: TempDir,
    guard: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    entry: &'static [&'static str],
}

impl Disk {
    /// Mounts an empty disk; `None` where this machine does not let us, which is said.
    pub(crate) fn mount(size: &str) -> Option<Self> {
        let mounted = WAYS.iter().find_map(|(making, entry)| Self::try_mount(size, making, entry));
        if mounted.is_none() {
            assert!(env::var_os("CI").is_none(), "CI needs util-linux, and leave to mount a tmpfs in a namespace");
            // Past the test harness, which keeps what a passing test prints to itself.
            let _ = writeln!(io::stderr(), "not run on a small disk: this machine lets nobody mount one");
        }
        mounted
    }

    fn try_mount(size: &str, making: &[&str], entry: &'static [&'static str]) -> Option<Self> {
        let folder = TempDir::with_prefix("tollgate-disk-").unwrap();
        let mut command = Command::new("unshare");
        command.args(making).args(["sh", "-c", GUARD]).arg(folder.path()).arg(size);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut guard = piped.spawn().ok()?;
        let commands = guard.stdin.take();
        let answers = BufReader::new(guard.stdout.take().unwrap());
        let mut disk = Self { folder, guard, commands, answers, entry };
        (disk.answer() == "ready").then_some(disk)
    }

    /// The address of a database on it.
    pub(crate) fn database_url(&self) -> String {
        format!("sqlite://{}", self.folder.path().join("test.db").display())
    }

    /// The same command, run where the disk is seen. Its folder may be anywhere.
    pub(crate) fn enter(&self, command: &Command) -> Command {
        let mut entered = Command::new("nsenter");
        entered.env_clear().env("PATH", env::var_os("PATH").unwrap()).args(self.entry);
        entered.args(["--target", &self.guard.id().to_string()]);
        if let Some(folder) = command.get_current_dir() {
            entered.arg(format!("--wd={}", folder.display()));
        }
        entered.arg(command.get_program()).args(command.get_args());
        entered.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(Stdio::null());
        entered
    }

    /// Fills what room there is.
    pub(crate) fn fill(&self) {
        let mut filler = File::options().append(true).create(true).open(self.file("filler")).unwrap();
        // The last page, too.
        for piece in [1 << 16, 1 << 12, 1] {
            while filler.write_all(&vec![0; piece]).is_ok() {}
        }
    }

    /// Makes room again.
    pub(crate) fn free(&self) {
        fs::remove_file(self.file("filler")).unwrap();
    }

    /// How many bytes of it a file takes.
    pub(crate) fn size_of(&self, name: &str) -> u64 {
        fs::metadata(self.file(name)).unwrap().len()
    }

    /// Mounts it anew, `ro` or `rw`; the system refuses the first while a file is open to be written.
    pub(crate) fn remount(&mut self, options: &str) {
        writeln!(self.commands.as_mut().unwrap(), "{options}").unwrap();
        assert_eq!(self.answer(), options, "it is not mounted anew");
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    /// A file as it is seen from outside.
    fn file(&self, name: &str) -> PathBuf {
        let seen = Path::new("/proc").join(self.guard.id().to_string()).join("root");
        seen.join(self.folder.path().strip_prefix("/").unwrap()).join(name)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.commands.take());
        let _ = self.guard.wait();
    }
}
