//! The first admin, and what the start says about it.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::Stdio,
};

use super::{database, fail_to_start};
use crate::support::{client::PASSWORD, database::Kind, process::Process, process::command};

const ADMIN: [(&str, &str); 2] = [("ADMIN_USERNAME", "ada"), ("ADMIN_PASSWORD", PASSWORD)];

#[actix_web::test]
async fn the_settings_add_an_admin_whose_password_is_not_logged() {
    let database = database(Kind::Sqlite).unwrap();
    let level = [("DATABASE_URL", database.url.as_str()), ("LOG_LEVEL", "trace")];
    let server = Process::start(database.folder(), &[&level[..], &ADMIN].concat());
    let client = server.client();
    assert_eq!(client.login("ada").await.body["role"], "admin");
    let log = fs::read_to_string(&server.log).unwrap();
    assert!(log.contains("added the first admin") && !log.contains(PASSWORD), "{log}");
}

#[test]
fn a_setting_that_no_account_could_have_ends_the_start() {
    let folder = tempfile::tempdir().unwrap();
    for (username, password, reason) in [
        ("ada", "short", "ADMIN_PASSWORD must have at least 8 characters"),
        ("ada", "password1", "ADMIN_PASSWORD is one of the most common passwords"),
        ("ada.lovelace", "Ada.Lovelace", "ADMIN_PASSWORD must not be the username"),
        ("a b", PASSWORD, "ADMIN_USERNAME must not contain spaces"),
    ] {
        let settings = [("ADMIN_USERNAME", username), ("ADMIN_PASSWORD", password)];
        let said = String::from_utf8(fail_to_start(folder.path(), &settings, 78).stderr).unwrap();
        assert!(said.ends_with(&format!("tollgate: the first admin: {reason}\n")), "{said}");
        assert!(!said.contains(password), "{said}");
    }
    assert!(fail_to_start(folder.path(), &ADMIN[..1], 78).stderr.starts_with(b"tollgate: ADMIN_PASSWORD must be set"));
}

/// The lines that a start prints, after the address that it listens on.
fn printed(settings: &[(&str, &str)]) -> Vec<String> {
    let database = database(Kind::Sqlite).unwrap();
    let own = [("DATABASE_URL", database.url.as_str()), ("PORT", "0"), ("BCRYPT_COST", "4")];
    let mut command = command(database.folder(), &[&own[..], settings].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let is_last = line.starts_with("there is no admin") || (line.starts_with("console") && !settings.is_empty());
        lines.extend((!line.starts_with("listening on")).then_some(line));
        if is_last {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    lines
}

#[test]
fn the_start_prints_where_the_console_is_and_how_to_make_an_admin() {
    let [console, hint] = printed(&[]).try_into().unwrap();
    assert!(console.starts_with("console: http://localhost:") && console.ends_with("/admin"), "{console}");
    let program = env!("CARGO_BIN_EXE_tollgate");
    assert_eq!(hint, format!("there is no admin yet; make one with: {program} user add --admin <username>"));
    let public = [("PUBLIC_URL", "https://blog.example"), ("COOKIE_SECURE", "true"), ("BCRYPT_COST", "10")];
    assert_eq!(printed(&[&public[..], &ADMIN].concat()), ["console: https://blog.example/admin"]);
}
