//! A PostgreSQL server for the tests, in a temporary folder. It stops and is deleted when this process ends.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use tempfile::TempDir;

/// One server for all tests of this process; `None` without PostgreSQL on this machine.
pub(crate) static SHARED: LazyLock<Option<Postgres>> = LazyLock::new(|| Postgres::start(None));

static DATABASES: AtomicU32 = AtomicU32::new(0);

/// Starts the server and reports that. Stops it on request, or when the process at the other end of the pipe is gone:
/// the pipe closes however that process ends.
const GUARD: &str = r#"
"$0/pg_ctl" -D "$1/data" -w -l "$1/log" -o "$2" start >/dev/null 2>&1 || { cat "$1/log" >&2; exit 1; }
echo ready
while read -r command; do
    mode=fast
    [ "$command" = crash ] && mode=immediate
    "$0/pg_ctl" -D "$1/data" -w -m $mode stop >/dev/null 2>&1
    [ "$command" = stop ] || "$0/pg_ctl" -D "$1/data" -w -l "$1/log" -o "$2" start >/dev/null 2>&1
    echo "$command"
done
"$0/pg_ctl" -D "$1/data" -m immediate stop >/dev/null 2>&1
rm -rf "$1"
"#;

pub(crate) struct Postgres {
    folder: PathBuf,
    port: u16,
    guard: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<std::process::ChildStdout>,
}

impl Postgres {
    /// Starts a server that also listens on this TCP port, if any; `None` without PostgreSQL on this machine.
    pub(crate) fn start(network: Option<u16>) -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(env::var_os("CI").is_none(), "CI needs PostgreSQL's initdb and pg_ctl");
            return None;
        };
        let folder = TempDir::with_prefix("tollgate-pg-").expect("a temporary folder").keep();
        let owner = owner();
        if let Some((uid, gid)) = owner {
            chown(&folder, Some(uid), Some(gid)).expect("the folder is this user's");
        }
        let mut initdb = as_owner(&programs.join("initdb"), owner);
        initdb.args(["-U", "tollgate", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", "-D"]);
        let made = initdb.arg(folder.join("data")).stdout(Stdio::null()).status();
        assert!(made.expect("initdb").success(), "initdb failed");

        // The port is part of the socket's name.
        let (addresses, port) = network.map_or(("", 5432), |port| ("127.0.0.1", port));
        let socket = folder.display();
        // Tests that need the planner's statistics run `ANALYZE`. Autovacuum would start one process after the other, because
        // there are as many databases as tests.
        let speed = "-c fsync=off -c autovacuum=off";
        let options = format!("-k {socket} -c listen_addresses={addresses} -p {port} {speed} -c max_connections=200");
        let mut guard = as_owner(Path::new("sh"), owner)
            .args(["-c", GUARD])
            .args([&programs, &folder])
            .arg(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("sh");
        let commands = guard.stdin.take();
        let answers = BufReader::new(guard.stdout.take().expect("it is piped"));
        let mut server = Self { folder, port, guard, commands, answers };
        server.await_answer("ready");
        Some(server)
    }

    /// Creates an empty database and returns its connection string.
    pub(crate) fn new_database(&self) -> String {
        let name = format!("t{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        self.execute(&format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// The connection string of a database here, over the server's socket.
    pub(crate) fn url(&self, database: &str) -> String {
        let host = self.folder.to_str().expect("UTF-8").replace('/', "%2F");
        format!("postgres://tollgate@{host}:{}/{database}", self.port)
    }

    /// Runs a statement as the superuser.
    pub(crate) fn execute(&self, sql: &str) {
        self.execute_in("postgres", sql);
    }

    /// Runs statements as the superuser in a database, on another thread, because this one may run a test's runtime.
    pub(crate) fn execute_in(&self, database: &str, sql: &str) {
        let (url, sql) = (self.url(database), sql.to_owned());
        let run = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
                tokio::spawn(connection);
                client.batch_execute(&sql).await.unwrap();
            });
        };
        thread::spawn(run).join().expect("the statement runs");
    }

    /// Requires TLS for TCP connections from now on.
    pub(crate) fn install_certificate(&mut self, certificate: &Path, key: &Path) {
        let data = self.folder.join("data");
        for (from, name, mode) in [(certificate, "server.crt", 0o644), (key, "server.key", 0o600)] {
            let to = data.join(name);
            fs::copy(from, &to).expect("a certificate");
            fs::set_permissions(&to, fs::Permissions::from_mode(mode)).expect("its mode");
            if let Some((uid, gid)) = owner() {
                chown(&to, Some(uid), Some(gid)).expect("its owner");
            }
        }
        fs::write(data.join("pg_hba.conf"), "local all all trust\nhostssl all all all trust\n").expect("its rules");
        self.execute("ALTER SYSTEM SET ssl = on");
        self.restart();
    }

    /// Stops the server for good.
    pub(crate) fn stop(&mut self) {
        self.command("stop");
    }

    /// Stops the server and starts it again.
    pub(crate) fn restart(&mut self) {
        self.command("restart");
    }

    /// Stops the server as a crash would, and starts it again, so that it recovers from its write-ahead log. That works
    /// without fsync, because the operating system keeps what the server has written.
    pub(crate) fn crash(&mut self) {
        self.command("crash");
    }

    fn command(&mut self, command: &str) {
        use std::io::Write;
        let commands = self.commands.as_mut().expect("the guard runs");
        writeln!(commands, "{command}").expect("the guard listens");
        self.await_answer(command);
    }

    fn await_answer(&mut self, wanted: &str) {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the guard speaks");
        assert_eq!(line.trim(), wanted, "PostgreSQL did not {wanted}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.commands.take());
        let _ = self.guard.wait();
    }
}

/// The folder of `initdb`: on the path, or where Debian installs it.
fn programs() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).collect::<Vec<_>>();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let installed = versions.map(|version| version.path().join("bin"));
    on_path.into_iter().chain(installed).find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}

/// PostgreSQL refuses to run as root. The user to run it as: `postgres` if it exists, or `nobody`.
fn owner() -> Option<(u32, u32)> {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.starts_with(b"0\n"));
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let find = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    is_root.then(|| find("postgres").or_else(|| find("nobody")).expect("a user that is not root"))
}

fn as_owner(program: &Path, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    if let Some((uid, gid)) = owner {
        command.uid(uid).gid(gid);
    }
    // The other user may not have access to the current folder.
    command.current_dir("/");
    command
}
