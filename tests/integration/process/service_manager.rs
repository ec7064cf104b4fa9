//! Notifications to systemd, received by a socket in its place.

use std::{os::unix::net::UnixDatagram, path::Path};

use rustix::process::Signal;

use crate::support::{fixtures::TIMEOUT, process::Process};

struct ServiceManager(UnixDatagram);

impl ServiceManager {
    fn listen(socket: &Path) -> Self {
        let socket = UnixDatagram::bind(socket).unwrap();
        socket.set_read_timeout(Some(TIMEOUT)).unwrap();
        Self(socket)
    }

    fn next(&self) -> String {
        let mut message = [0; 1024];
        let length = self.0.recv(&mut message).unwrap();
        String::from_utf8_lossy(&message[..length]).into_owned()
    }
}

#[actix_web::test]
async fn systemd_is_notified_of_ready_watchdog_and_stopping() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("notify");
    let manager = ServiceManager::listen(&socket);
    let settings = [("NOTIFY_SOCKET", socket.to_str().unwrap()), ("WATCHDOG_USEC", "200000")];
    let mut server = Process::start(folder.path(), &settings);
    assert_eq!(manager.next(), "READY=1\n");
    assert_eq!(server.client().get("/readyz").await.status, 200);
    for _ in 0..3 {
        assert_eq!(manager.next(), "WATCHDOG=1\n");
    }
    server.signal(Signal::TERM);
    // Read before the end of the process: the kernel keeps as few as ten notifications, and a server that has been
    // paused sends several at once, and waits until they are read.
    let mut last = manager.next();
    while last == "WATCHDOG=1\n" {
        last = manager.next();
    }
    assert_eq!(last, "STOPPING=1\n");
    drop(manager);
    assert_eq!(server.wait().code(), Some(0));
}

/// What the server relies on: that it is asked for its state, and not restarted with settings that stay invalid.
#[test]
fn the_unit_uses_notifications_the_watchdog_and_the_exit_status() {
    const UNIT: &str = include_str!("../../../packaging/systemd/tollgate.service");
    let values =
        |name: &str| -> Vec<_> { UNIT.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('=')).collect() };
    let expected = [
        ("Type", "notify"),
        ("WatchdogSec", "30"),
        ("Restart", "on-failure"),
        ("RestartPreventExitStatus", "78"),
        ("EnvironmentFile", "/etc/tollgate/tollgate.env"),
        ("TimeoutStopSec", "30"),
    ];
    for (name, value) in expected {
        assert_eq!(values(name), [value], "{name}");
    }
}

#[actix_web::test]
async fn without_a_watchdog_systemd_is_notified_once_and_may_be_gone() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("notify");
    let manager = ServiceManager::listen(&socket);
    let settings = [("NOTIFY_SOCKET", socket.to_str().unwrap())];
    let mut server = Process::start(folder.path(), &settings);
    assert_eq!(manager.next(), "READY=1\n");
    drop(manager);
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code(), Some(0));
    assert!(std::fs::read_to_string(&server.log).unwrap().contains("NOTIFY_SOCKET"));
}
