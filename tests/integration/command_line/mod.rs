//! The command line, mostly beside a running server.

mod commands;
mod corrections;
mod doctor;
mod exposure;
mod forwarding;
mod helpdesk;
mod mail;
mod members;
mod payment;
mod post_import;
mod post_import_ghost;
mod post_import_wordpress;
mod posts;
mod rekey;
mod upgrade;
mod user_export;
mod user_import;
mod user_import_dry_run;
mod user_import_faults;
mod waiting;

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

use crate::support::server::{SECRET_KEY, TestServer};

/// Runs a command on a server's database, with `typed` as standard input.
async fn run(server: &TestServer, arguments: &[&str], typed: &str) -> Output {
    command(server.database.folder(), &server.database.url, arguments, typed).await
}

async fn command(folder: &Path, database: &str, arguments: &[&str], typed: &str) -> Output {
    command_with(folder, database, &[], arguments, typed).await
}

/// As [`command`], with further settings.
async fn command_with(
    folder: &Path,
    database: &str,
    changed: &[(&str, &str)],
    arguments: &[&str],
    typed: &str,
) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
    let settings = [
        ("DATABASE_URL", database),
        ("SECRET_KEY", SECRET_KEY),
        ("BCRYPT_COST", "4"),
        // Reported by the doctor.
        ("DEMO_CHECKOUT", "false"),
    ];
    command.env_clear().envs(settings).envs(changed.iter().copied()).current_dir(folder).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let typed = typed.to_owned();
    // On another thread, because this one runs the server.
    let exchange = move || {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    actix_web::rt::task::spawn_blocking(exchange).await.unwrap()
}

async fn json_of(server: &TestServer, arguments: &[&str], typed: &str) -> Value {
    let output = run(server, &[&["--json"], arguments].concat(), typed).await;
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn error_of(server: &TestServer, arguments: &[&str], typed: &str) -> String {
    error_with_status(server, 1, arguments, typed).await
}

/// The error of a command that names what does not exist.
async fn not_found_of(server: &TestServer, arguments: &[&str]) -> String {
    error_with_status(server, 4, arguments, "").await
}

async fn error_with_status(server: &TestServer, status: i32, arguments: &[&str], typed: &str) -> String {
    let output = run(server, arguments, typed).await;
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(status), String::new()), "{arguments:?}");
    text(&output.stderr)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
