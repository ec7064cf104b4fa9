//! Rejected lines and unusable files of user imports.

use std::{fs, os::unix::fs::PermissionsExt, process::Output};

use serde_json::{Value, json};

use super::{
    command, error_of, run, text,
    user_import::{HASH, names, write},
};
use crate::support::{
    database::{Kind, TestDatabase},
    server::TestServer,
};

const NO_SPACES: &str = "the username must not contain spaces";
const NO_CONTROLS: &str = "the username must not contain control characters";
const HASH_RULE: &str = "the password hash has an unknown format";
const EXPENSIVE: &str = "the password hash takes too much memory or time";
const EMAIL_RULE: &str = "the email address must have a form such as ada@example.org";
const KNOWN: &str = "the supported columns are username, password_hash, email, email_verified, role, is_active, \
                     created_at, stripe_customer";

async fn on_sqlite() -> TestServer {
    TestServer::start(TestDatabase::new(Kind::Sqlite).unwrap()).await
}

/// Imports bytes that need not be text.
async fn import(server: &TestServer, name: &str, bytes: &[u8]) -> Output {
    fs::write(server.database.folder().join(name), bytes).unwrap();
    let output = run(server, &["user", "import", name], "").await;
    assert!(!(text(&output.stdout) + &text(&output.stderr)).contains("$2b$"), "{output:?}");
    output
}

fn lines(output: &Output) -> Vec<String> {
    text(&output.stderr).lines().map(str::to_owned).collect()
}

#[both_databases::test]
async fn a_rejected_line_is_reported_and_the_others_are_imported(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let rows = [
        format!("a b,{HASH},,,,"),
        format!("eve,{HASH},nowhere,,,"),
        format!(",{HASH},,,,"),
        "bob,,,,,".to_owned(),
        "bob,four sneaky newts,,,,".to_owned(),
        format!("bob,{},,,,", HASH.replace("$04$", "$31$")),
        format!("bob,{HASH},,root,,"),
        format!("bob,{HASH},,,yes,"),
        format!("bob,{HASH},,,,yesterday"),
        format!("bob,{HASH}"),
        format!("{HASH},bob,,,,"),
        format!("\u{1b}[2J,{HASH},,,,"),
        format!("{},{HASH},,,,", "x".repeat(100)),
        format!("zoe,{HASH},,,,"),
    ];
    let csv = format!("username,password_hash,email,role,is_active,created_at\n{}\n", rows.join("\n"));
    let output = import(&server, "users.csv", csv.as_bytes()).await;
    let expected = [
        format!("line 2 (a b): {NO_SPACES}"),
        format!("line 3 (eve): {EMAIL_RULE}"),
        "line 4: the username and the password hash are required without an email address".to_owned(),
        "line 5 (bob): the username and the password hash are required without an email address".to_owned(),
        format!("line 6 (bob): {HASH_RULE}"),
        format!("line 7 (bob): {EXPENSIVE}"),
        "line 8 (bob): the role must be user, editor or admin".to_owned(),
        "line 9 (bob): is_active must be true or false, or 1 or 0".to_owned(),
        "line 10 (bob): created_at must be a time such as 2026-11-21T10:00:00Z, or a day such as 2026-11-21".to_owned(),
        "line 11: the record has 2 fields, but the header has 6".to_owned(),
        format!("line 12: {HASH_RULE}"),
        format!("line 13 (\\u{{1b}}[2J): {NO_CONTROLS}"),
        format!("line 14 ({}…): the username must have 1 to 64 characters", "x".repeat(64)),
        "tollgate: 13 lines were refused".to_owned(),
    ];
    assert_eq!(lines(&output), expected);
    assert_eq!(
        (text(&output.stdout), output.status.code()),
        ("1 imported, 0 already exist, 13 refused\n".to_owned(), Some(1))
    );
    assert_eq!(names(&server).await, ["zoe"]);
    server.client().login("zoe").await;
}

#[both_databases::test]
async fn no_byte_in_a_file_aborts_an_import(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let zero = "pbkdf2_sha256$1000$sa\0lt$I4kFtvt/1kvVsfMHcEW+XejBZwg5Py/C5rkj8aId5A8=";
    let rows = [
        [b"\xff\xfe,".as_slice(), HASH.as_bytes()].concat(),
        format!("bob,{zero}").into_bytes(),
        format!("b\0b,{HASH}").into_bytes(),
        format!("\"zoe\",{HASH}").into_bytes(),
    ];
    let csv = [b"username,password_hash\n".as_slice(), &rows.join(&b'\n')].concat();
    let output = import(&server, "users.csv", &csv).await;
    let expected = [
        "line 2: the record is not UTF-8".to_owned(),
        format!("line 3 (bob): {HASH_RULE}"),
        format!("line 4 (b\\0b): {NO_CONTROLS}"),
        "tollgate: 3 lines were refused".to_owned(),
    ];
    assert_eq!(lines(&output), expected);
    assert_eq!(names(&server).await, ["zoe"]);
}

#[actix_web::test]
async fn an_invalid_json_line_is_reported_without_its_content() {
    let server = on_sqlite().await;
    let rows = [
        "{\"username\":\"ada\"".to_owned(),
        "{\"username\" \"ada\"}".to_owned(),
        format!("\"{HASH}\""),
        format!("[\"ada\",\"{HASH}\"]"),
        format!("{{\"{HASH}\":1,\"username\":\"eve\"}}"),
        json!({ "username": "eve", "password_hash": HASH, "e_mail": "eve@example.org" }).to_string(),
        json!({ "username": "eve", "password_hash": 1234 }).to_string(),
        json!({ "username": "eve", "password_hash": HASH, "is_active": 2 }).to_string(),
        json!({ "username": "eve", "role": "user" }).to_string(),
        "{\"username\":\"eve\",\"username\":\"bob\"}".to_owned(),
        format!("{{\"username\":\"{}\"}}", "x".repeat(70_000)),
        "\u{a0}".to_owned(),
        json!({ "username": "zoe", "password_hash": HASH }).to_string(),
    ];
    let output =
        import(&server, "users.jsonl", [rows.join("\n").as_bytes(), b"\n\xff\n  \n"].concat().as_slice()).await;
    let expected = [
        "line 1: the line is not valid JSON: EOF while parsing an object at character 17",
        "line 2: the line is not valid JSON: expected `:` at character 13",
        "line 3: the line is not a JSON object",
        "line 4: the line is not a JSON object",
        &format!("line 5 (eve): unknown column: {KNOWN}"),
        &format!("line 6 (eve): unknown column e_mail: {KNOWN}"),
        "line 7 (eve): column password_hash must be a string",
        "line 8 (eve): is_active must be true or false, or 1 or 0",
        "line 9 (eve): the username and the password hash are required without an email address",
        "line 10 (eve): column username is repeated",
        "line 11: the line is too long",
        "line 12: the line is not valid JSON: expected value at character 1",
        "line 14: the line is not UTF-8",
        "tollgate: 13 lines were refused",
    ];
    assert_eq!(lines(&output), expected);
    assert_eq!(names(&server).await, ["zoe"]);
}

#[actix_web::test]
async fn a_record_of_several_lines_is_reported_by_its_first_line() {
    let server = on_sqlite().await;
    let rows = [
        format!("\"a\nb\",{HASH}"),
        format!("zoe,{HASH}"),
        format!("\"eve,{HASH}"),
        format!("bob,{HASH}"),
        format!("\"max\",{HASH}"),
        format!("ida,{HASH}"),
        format!("{},{HASH}", ",".repeat(100)),
        format!("\"{0}\n{0}\nevil,{HASH}\n\",{HASH}", "x".repeat(40_000)),
        format!("joe,{HASH}"),
        format!("\"kim,{HASH}"),
        format!("lea,{HASH}"),
    ];
    let csv = format!("username,password_hash\n{}\n", rows.join("\n"));
    let output = import(&server, "users.csv", csv.as_bytes()).await;
    let expected = [
        format!("line 2 (a\\nb): {NO_CONTROLS}, up to line 3"),
        "line 5: the username must have 1 to 64 characters, up to line 7".to_owned(),
        "line 9: the record has too many fields".to_owned(),
        "line 10: the record is too long, up to line 13".to_owned(),
        "line 15: the record has a quotation mark that is not closed, up to line 16".to_owned(),
        "tollgate: 5 lines were refused".to_owned(),
    ];
    assert_eq!(lines(&output), expected);
    assert_eq!(names(&server).await, ["zoe", "ida", "joe"]);
}

/// What follows may be inside a quotation mark: a crafted name must not create an admin.
#[actix_web::test]
async fn an_endless_line_stops_the_import() {
    let server = on_sqlite().await;
    let csv = format!("username,password_hash\nada,{HASH}\n\"{}\nevil,{HASH}\n\",{HASH}\n", "x".repeat(70_000));
    let output = import(&server, "users.csv", csv.as_bytes()).await;
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), String::new()));
    let told = "users.csv: line 3 is too long, so the end of its record cannot be determined";
    assert_eq!(
        text(&output.stderr),
        format!("tollgate: stopped after line 0; run the command again to continue: {told}\n")
    );
    assert_eq!(names(&server).await, [""; 0]);
}

#[actix_web::test]
async fn an_unusable_file_imports_nobody() {
    let server = on_sqlite().await;
    for (header, error) in [
        ("username,password_hash,email,email", "column email is repeated"),
        ("username,password_hash,mail", &format!("unknown column mail: {KNOWN}")),
        ("username;password_hash", &format!("unknown column username;password_hash: {KNOWN}")),
        ("username,role", "column password_hash is missing"),
        ("password_hash", "column username is missing"),
        ("", "the file is empty: the first line must name the columns"),
        ("\"username", "the header has a quotation mark that is not closed"),
        (&format!("{HASH},ada"), &format!("unknown column: {KNOWN}")),
    ] {
        let output = import(&server, "users.csv", format!("{header}\n").as_bytes()).await;
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), String::new()));
        assert_eq!(text(&output.stderr), format!("tollgate: users.csv: {error}\n"));
    }
    let missing = error_of(&server, &["user", "import", "missing.csv"], "").await;
    assert!(missing.starts_with("tollgate: missing.csv: No such file"), "{missing}");
    fs::create_dir(server.database.folder().join("folder.jsonl")).unwrap();
    let folder = error_of(&server, &["user", "import", "folder.jsonl"], "").await;
    assert!(
        folder.starts_with("tollgate: stopped after line 0; run the command again to continue: folder.jsonl: Is a"),
        "{folder}"
    );
    assert_eq!(names(&server).await, [""; 0]);
}

#[actix_web::test]
async fn rejected_lines_are_written_to_a_new_private_file() {
    let server = on_sqlite().await;
    write(&server, "users.csv", &format!("username,password_hash\na b,{HASH}\nada,{HASH}\nada\n"));
    let import = ["user", "import", "users.csv", "--refused", "refused.jsonl"];
    let output = run(&server, &import, "").await;
    assert_eq!(text(&output.stdout), "1 imported, 0 already exist, 2 refused\n");
    assert_eq!(text(&output.stderr), "tollgate: 2 lines were refused\n");
    let file = server.database.folder().join("refused.jsonl");
    let written = fs::read_to_string(&file).unwrap();
    let refusals: Vec<Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected = [
        json!({ "line": 2, "username": "a b", "reason": NO_SPACES }),
        json!({ "line": 4, "username": null, "reason": "the record has 1 fields, but the header has 2" }),
    ];
    assert_eq!(refusals, expected);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    let again = error_of(&server, &import, "").await;
    assert!(again.starts_with("tollgate: refused.jsonl: File exists"), "{again}");
    assert_eq!(fs::read_to_string(&file).unwrap(), written);
}

#[actix_web::test]
async fn a_single_rejected_line_is_reported_in_the_singular() {
    let server = on_sqlite().await;
    let import = ["--json", "user", "import", "-", "--format", "jsonl"];
    let output = command(server.database.folder(), &server.database.url, &import, "{}").await;
    let counted: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(counted, json!({ "imported": 0, "there_already": 0, "refused": 1 }));
    let told = "line 1: the username and the password hash are required without an email address\n\
                {\"error\":\"1 line was refused\",\"code\":\"failed\"}\n";
    assert_eq!((text(&output.stderr), output.status.code()), (told.to_owned(), Some(1)));
}
