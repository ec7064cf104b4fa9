//! A disk of a few megabytes that only servers started on it can see.

use std::{
    env,
    fs::{self, File},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use tempfile::TempDir;

/// Mounts the disk in a mount namespace of its own, reports that, and remounts it on request.
///
/// A mount for the complete machine would be left behind by a killed test. This one disappears with the last process in
/// the namespace, and the pipe closes with the test's process, however that ends.
const GUARD: &str = r#"
mount -t tmpfs -o "size=$1" tollgate "$0" || exit 1
echo ready
while read -r options; do
    mount -o "remount,$options" "$0" && echo "$options" || echo refused
done
"#;

/// Options that create the namespace and that enter it, for root and for other users.
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
    /// Mounts an empty disk. Prints a message and returns `None` if this machine does not allow it.
    pub(crate) fn mount(size: &str) -> Option<Self> {
        let mounted = WAYS.iter().find_map(|(making, entry)| Self::try_mount(size, making, entry));
        if mounted.is_none() {
            assert!(env::var_os("CI").is_none(), "CI needs util-linux, and permission to mount a tmpfs in a namespace");
            // Written to the stream directly, because the test harness captures what a passing test prints.
            let _ = writeln!(io::stderr(), "not run on a small disk: no permission to mount one on this machine");
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

    /// The URL of a database on it.
    pub(crate) fn database_url(&self) -> String {
        format!("sqlite://{}", self.folder.path().join("test.db").display())
    }

    /// The same command inside the namespace. Its folder may be anywhere.
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

    /// Fills all free space.
    pub(crate) fn fill(&self) {
        let mut filler = File::options().append(true).create(true).open(self.file("filler")).unwrap();
        // The last page, too.
        for piece in [1 << 16, 1 << 12, 1] {
            while filler.write_all(&vec![0; piece]).is_ok() {}
        }
    }

    /// Frees the space again.
    pub(crate) fn free(&self) {
        fs::remove_file(self.file("filler")).unwrap();
    }

    /// The size of a file on it in bytes.
    pub(crate) fn size_of(&self, name: &str) -> u64 {
        fs::metadata(self.file(name)).unwrap().len()
    }

    /// Remounts it, `ro` or `rw`. The system refuses `ro` while a file is open for writing.
    pub(crate) fn remount(&mut self, options: &str) {
        writeln!(self.commands.as_mut().unwrap(), "{options}").unwrap();
        assert_eq!(self.answer(), options, "the disk was not remounted");
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    /// The path of a file from outside the namespace.
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
