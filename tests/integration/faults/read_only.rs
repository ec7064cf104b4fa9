//! A database that can be read but not written.

use std::{fs, process::Command};

use rustix::process::{Pid, Resource, Rlimit, Signal, prlimit};
use serde_json::json;

use crate::support::{
    disk::Disk,
    log,
    process::{Process, command},
    refusals::{assert_reads_are_served, refused_writes},
};

/// In bytes: by then the write-ahead log is longer, and the server's log is not.
const LIMIT: u64 = 1 << 16;

/// After a disk error the kernel fails every write. `mount` cannot simulate that, because it refuses while a file is
/// open for writing; a limit on file sizes can, if its signal is ignored. SQLite handles both in the same way.
fn limit_files(server: &Process, length: Option<u64>) {
    let limit = Rlimit { current: length, maximum: None };
    prlimit(Some(Pid::from_child(&server.child)), Resource::Fsize, limit).unwrap();
}

#[actix_web::test]
async fn a_read_only_disk_serves_reads_and_accepts_writes_again_later() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start_by(folder.path(), &[("READS_LIMIT", "1000")], |server| {
        let mut deaf = Command::new("sh");
        deaf.args(["-c", r#"trap "" XFSZ; exec "$0""#]).arg(server.get_program()).env_clear();
        deaf.envs(server.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(folder.path());
        deaf
    });
    let ada = server.client();
    ada.register("ada").await;
    ada.login("ada").await;
    assert_eq!(ada.get("/blog/1").await.status, 200);
    assert!(fs::metadata(folder.path().join("tollgate.db-wal")).unwrap().len() > LIMIT);

    limit_files(&server, Some(LIMIT));
    let refused = refused_writes(&server.client(), &ada).await;
    assert_reads_are_served(&ada).await;
    let cause = "database unavailable: disk I/O error";
    let logged: Vec<_> = refused.into_iter().map(|id| (id, cause.to_owned())).collect();
    assert_eq!(log::errors(&server).await, logged);

    limit_files(&server, None);
    assert_eq!(ada.get("/blog/2").await.status, 200);
    assert_eq!(ada.get("/meter").await.body["used"], json!(2), "what was refused is not counted");
    server.client().register("eve").await;
    server.client().login("eve").await;
}

/// The same after a killed server has left its write-ahead log: SQLite would open that log read-only, and never write
/// to it again.
#[actix_web::test]
async fn a_start_on_a_read_only_disk_fails_with_one_line() {
    for signal in [Signal::TERM, Signal::KILL] {
        let Some(mut disk) = Disk::mount("8m") else { return };
        let folder = tempfile::tempdir().unwrap();
        let url = disk.database_url();
        let settings = [("DATABASE_URL", url.as_str()), ("LOG_LEVEL", "error")];
        let mut server = Process::start_by(folder.path(), &settings, |server| disk.enter(&server));
        server.client().register("ada").await;
        server.signal(signal);
        server.wait();

        disk.remount("ro");
        let output = disk.enter(&command(folder.path(), &settings)).output().unwrap();
        let path = url.trim_start_matches("sqlite://");
        let said =
            format!("tollgate: DATABASE_URL: database unavailable: {path}: Read-only file system (os error 30)\n");
        assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(69), said));

        disk.remount("rw");
        let again = Process::start_by(folder.path(), &settings, |server| disk.enter(&server));
        again.client().login("ada").await;
    }
}
