//! Settings that would let strangers guess passwords, or read the server's files.

use std::{fs, os::unix::fs::symlink};

use serde_json::json;

use super::text;
use crate::support::{
    log::warnings_of_stopped,
    process::{self, Process},
};

/// An address that no machine has, so that a server that is not refused ends, too.
const NOWHERE: (&str, &str) = ("METRICS_ADDR", "192.0.2.1:1");

const TESTING: &str = "ALLOW_INSECURE_TESTING is true, and TRUSTED_PROXIES is set: THROTTLE=off";

#[test]
fn a_public_server_refuses_to_start_with_settings_for_tests() {
    let folder = tempfile::tempdir().unwrap();
    let exposed = [
        (("HOST", "0.0.0.0"), "HOST is not loopback"),
        (("TRUSTED_PROXIES", "127.0.0.1"), "TRUSTED_PROXIES is set"),
        (("PUBLIC_URL", "https://blog.example"), "PUBLIC_URL is not loopback"),
    ];
    for (setting, reason) in exposed {
        let insecure = [("THROTTLE", "off"), ("BCRYPT_COST", "9")];
        let settings = [&insecure[..], &[setting, ("COOKIE_SECURE", "true"), ("PORT", "0"), NOWHERE]].concat();
        let output = process::command(folder.path(), &settings).output().unwrap();
        let because = format!(
            "because {reason}, so that others may reach the server (ALLOW_INSECURE_TESTING=true allows it for tests)"
        );
        let expected =
            format!("tollgate: BCRYPT_COST must be at least 10 {because}\ntollgate: THROTTLE must be on {because}\n");
        assert_eq!(text(&output.stderr), expected);
        assert_eq!(output.status.code(), Some(78));
        assert_eq!(folder.path().read_dir().unwrap().count(), 0, "nothing is made");
    }
}

#[test]
fn server_and_doctor_warn_about_settings_for_tests() {
    let folder = tempfile::tempdir().unwrap();
    let settings = [("TRUSTED_PROXIES", "127.0.0.1"), ("COOKIE_SECURE", "true"), ("ALLOW_INSECURE_TESTING", "true")];
    for level in ["info", "error"] {
        let settings = [&settings[..], &[("LOG_LEVEL", level)]].concat();
        let warnings = warnings_of_stopped(Process::start(folder.path(), &settings));
        assert!(
            warnings.iter().any(|warning| warning["message"].as_str().unwrap().starts_with(TESTING)),
            "{warnings:?}"
        );
    }
    let doctor = process::command(folder.path(), &settings).arg("doctor").output().unwrap();
    let found = text(&doctor.stdout);
    assert!(
        found.contains("warning  ALLOW_INSECURE_TESTING  is true, and TRUSTED_PROXIES is set: THROTTLE=off"),
        "{found}"
    );

    let plain = warnings_of_stopped(Process::start(folder.path(), &[]));
    assert!(!plain.iter().any(|warning| warning["message"].as_str().unwrap().contains("ALLOW_INSECURE")), "{plain:?}");
}

#[test]
fn plain_cookies_on_a_public_server_are_warned_about_at_every_start() {
    let folder = tempfile::tempdir().unwrap();
    let public = ("PUBLIC_URL", "https://blog.example");
    let strong = [("THROTTLE", "on"), ("BCRYPT_COST", "10"), ("LOG_LEVEL", "error"), ("SHUTDOWN_DELAY", "0s")];
    let warnings = |settings: &[(&str, &str)]| -> Vec<serde_json::Value> {
        let warnings = warnings_of_stopped(Process::start(folder.path(), &[&strong[..], settings].concat()));
        warnings.iter().map(|warning| warning["message"].clone()).collect()
    };
    let told = |reason| {
        [json!(format!(
            "COOKIE_SECURE is false, and {reason}: anyone on the network path can read passwords and sessions that \
             browsers send over plain HTTP. Set it to true, and enable HTTPS on the proxy"
        ))]
    };
    assert_eq!(warnings(&[public]), told("PUBLIC_URL is not loopback"));
    // As in the README, in a container.
    let container = [("HOST", "0.0.0.0"), ("COOKIE_SECURE", "false"), ("ALLOW_INSECURE_COOKIES", "true")];
    assert_eq!(warnings(&container), told("HOST is not loopback"));
    assert!(warnings(&[public, ("COOKIE_SECURE", "true")]).is_empty());
    assert!(warnings(&[]).is_empty());
}

#[test]
fn a_static_dir_with_files_of_the_server_is_refused_by_server_and_doctor() {
    let site = tempfile::tempdir().unwrap();
    let path = |name: &str| site.path().join(name);
    for app in ["data/dist", "other"] {
        fs::create_dir_all(path(app)).unwrap();
        fs::write(path(app).join("index.html"), "<!doctype html>").unwrap();
    }
    fs::write(path("index.html"), "<!doctype html>").unwrap();
    fs::write(path("data/index.html"), "<!doctype html>").unwrap();
    symlink(".", path("data/here")).unwrap();
    let (outer, data) = (path(""), path("data"));
    let inside = format!("sqlite://{}", path("data/dist/blog.db").display());
    let default = "sqlite://tollgate.db";
    let folder = "the current folder";
    let database = "the database of DATABASE_URL";
    let cases = [
        (".", default, folder),
        ("..", default, folder),
        ("here", default, folder),
        ("dist/..", default, folder),
        (data.to_str().unwrap(), "postgres://127.0.0.1:1/x", folder),
        (outer.to_str().unwrap(), default, folder),
        ("dist", &inside, database),
        ("dist", "sqlite://dist/../dist/blog.db", database),
        ("../other", "sqlite://../other/blog.db", database),
    ];
    for (app, url, what) in cases {
        let settings = [("STATIC_DIR", app), ("DATABASE_URL", url), ("PORT", "0"), NOWHERE];
        let refused = format!(
            "must not contain {what}, because everyone can read its files: put the app into a folder of its own"
        );
        let output = process::command(&data, &settings).output().unwrap();
        assert_eq!(text(&output.stderr), format!("tollgate: STATIC_DIR {refused}\n"), "{app} {url}");
        assert_eq!(output.status.code(), Some(78));
        let doctor = process::command(&data, &settings).arg("doctor").output().unwrap();
        assert_eq!(text(&doctor.stdout), format!("error  STATIC_DIR  {refused}\n"), "{app} {url}");
        assert!(!path("data/tollgate.key").exists() && !path("data/tollgate.db").exists(), "nothing is made");
    }
    for (link, what) in [("tollgate.key", "the key in tollgate.key"), (".env", "the settings in .env")] {
        fs::write(path("data/dist/secret.txt"), "").unwrap();
        symlink("dist/secret.txt", path("data").join(link)).unwrap();
        let output = process::command(&data, &[("STATIC_DIR", "dist"), ("PORT", "0"), NOWHERE]).output().unwrap();
        assert!(text(&output.stderr).starts_with(&format!("tollgate: STATIC_DIR must not contain {what}, ")), "{link}");
        assert_eq!(output.status.code(), Some(78));
        fs::remove_file(path("data").join(link)).unwrap();
    }
    drop(Process::start(&data, &[("STATIC_DIR", "dist")]));
}
