//! Problems that the doctor finds in the environment and with the database.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    thread,
};

use serde_json::{Value, json};

use super::text;
use crate::support::server::SECRET_KEY;

/// The doctor's findings with these environment variables.
async fn findings(variables: &[(&str, &str)]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
    command.env_clear().env("SECRET_KEY", SECRET_KEY).envs(variables.iter().copied());
    command.current_dir(&folder).args(["--json", "doctor"]).stdin(Stdio::null());
    let output = actix_web::rt::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "it makes nothing");
    assert_ne!(output.stdout, b"", "{}", text(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    found.as_array().unwrap().clone()
}

fn of<'f>(findings: &'f [Value], setting: &str) -> Vec<&'f str> {
    let of_setting = findings.iter().filter(|finding| finding["setting"] == json!(setting));
    of_setting.map(|finding| finding["text"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_misspelled_setting_in_the_environment_is_reported() {
    let variables = [
        ("READ_LIMIT", "7"),
        ("TOLLGATE_PORT", "8081"),
        ("PATH", "/bin"),
        ("EDITOR", "vi"),
        // Set by Kubernetes, and one that is empty.
        ("TOLLGATE_HOST", "tcp://10.0.0.1:80"),
        ("COOKIES_SECURE", ""),
    ];
    let found = findings(&variables).await;
    let told = [
        "READ_LIMIT is not a setting: did you mean READS_LIMIT?",
        "TOLLGATE_PORT is not a setting: did you mean PORT?",
    ];
    assert_eq!(of(&found, "environment"), told);
}

#[actix_web::test]
async fn a_public_url_with_a_path_is_reported() {
    let found = findings(&[("PUBLIC_URL", "https://blog.example/app"), ("COOKIE_SECURE", "true")]).await;
    let told = of(&found, "PUBLIC_URL");
    assert!(told.len() == 1 && told[0].starts_with("ends with /app, which is ignored"), "{found:?}");
}

#[actix_web::test]
async fn a_transaction_pooler_is_reported() {
    let port = pooler();
    let url = format!("postgres://tollgate@127.0.0.1:{port}/blog?sslmode=disable");
    for (cache, is_error) in [("100", true), ("0", false)] {
        let found = findings(&[("DATABASE_URL", &url), ("SESSION_CACHE", cache)]).await;
        let pooler = found.iter().find(|finding| finding["text"].as_str().unwrap().contains("pool_mode=session"));
        let pooler = pooler.unwrap();
        assert_eq!((&pooler["setting"], &pooler["is_fault"]), (&json!("DATABASE_URL"), &json!(is_error)));
    }
}

#[actix_web::test]
async fn a_server_behind_a_transaction_pooler_says_why_it_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("postgres://tollgate@127.0.0.1:{}/blog?sslmode=disable", pooler());
    for arguments in [&[][..], &["user", "list"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
        command.env_clear().env("SECRET_KEY", SECRET_KEY).env("DATABASE_URL", &url).env("PORT", "0");
        command.current_dir(&folder).args(arguments).stdin(Stdio::null());
        let output = actix_web::rt::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let error = text(&output.stderr);
        assert!(!output.status.success() && error.contains("pool_mode=transaction; use pool_mode=session"), "{error}");
    }
}

#[actix_web::test]
async fn a_value_in_quotation_marks_is_reported() {
    let found = findings(&[("PORT", "\"8080\"")]).await;
    let told =
        ["must be a whole number from 0 to 65535; its value has quotation marks that are part of it: remove them"];
    assert_eq!(of(&found, "PORT"), told);
    let found = findings(&[("CHECKOUT_URL", "https://pay.example"), ("SECRET_KEY", &format!("'{SECRET_KEY}'"))]).await;
    let told =
        ["has quotation marks that are part of its value; Docker's --env-file, unlike .env, does not remove them"];
    assert_eq!(of(&found, "SECRET_KEY"), told);
    assert!(!serde_json::to_string(&found).unwrap().contains(SECRET_KEY), "{found:?}");
}

/// Behaves like PgBouncer in transaction mode with one client: a single server process answers all connections. It ends
/// with the tests.
fn pooler() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming() {
            thread::spawn(move || client.map(serve));
        }
    });
    port
}

/// <https://www.postgresql.org/docs/current/protocol-message-formats.html>
fn serve(mut client: TcpStream) -> std::io::Result<()> {
    let message = |kind: u8, body: &[u8]| {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [&[kind], &length[..], body].concat()
    };
    let ready = message(b'Z', b"I");
    read(&mut client)?;
    client.write_all(&[message(b'R', &[0; 4]), ready.clone()].concat())?;
    loop {
        let mut kind = [0];
        client.read_exact(&mut kind)?;
        read(&mut client)?;
        let answer = match kind[0] {
            b'Q' => {
                let column = b"\0\x01pid\0\0\0\0\0\0\0\0\0\0\x17\0\x04\xff\xff\xff\xff\0\0";
                let row = b"\0\x01\0\0\0\x044711";
                [message(b'T', column), message(b'D', row), message(b'C', b"SELECT 1\0")].concat()
            }
            // It knows no prepared statements.
            _ => message(b'E', b"SERROR\0C26000\0Mno such statement\0\0"),
        };
        client.write_all(&[answer, ready.clone()].concat())?;
    }
}

/// A message without its type byte.
fn read(client: &mut TcpStream) -> std::io::Result<()> {
    let mut length = [0; 4];
    client.read_exact(&mut length)?;
    let mut body = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap() - 4];
    client.read_exact(&mut body)
}
