//! The program as an operator sees it: start, stop, crashes and the log.

mod deletion;
mod first_admin;
mod mail;
mod service_manager;
mod shutdown;

use std::{env, fs, net::TcpListener, os::unix::fs::PermissionsExt, path::Path, process::Output};

use futures_util::future::join_all;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{
    api_tokens,
    client::{Client, PASSWORD},
    database::{Kind, TestDatabase},
    process::{Process, command},
};

fn database(kind: Kind) -> Option<TestDatabase> {
    TestDatabase::new(kind)
}

#[actix_web::test]
async fn a_kill_under_load_loses_no_answered_read() {
    let database = database(Kind::Sqlite).unwrap();
    let settings = [("DATABASE_URL", database.url.as_str()), ("SEED_DEMO", "true"), ("READS_LIMIT", "100000")];
    let mut server = Process::start(database.folder(), &settings);
    let client = server.client();
    client.register("ada").await;
    client.login("ada").await;
    let readers = join_all((0..20).map(|reader| {
        let (client, server) = (client.clone(), &server);
        async move {
            let mut answered = 0;
            loop {
                match client.try_get("/blog/1").await {
                    Some(status) => assert_eq!(status, 200),
                    None => return answered,
                }
                answered += 1;
                if reader == 0 && answered == 30 {
                    server.signal(Signal::KILL);
                }
            }
        }
    }));
    let answered: i64 = readers.await.into_iter().sum();
    server.wait();
    database.execute("UPDATE users SET role = 'admin'").await;
    let again = Process::start(database.folder(), &settings);
    let client = client.at(&again.address);
    let used = client.get("/meter").await.body["used"].as_i64().unwrap();
    assert!(used >= answered, "{answered} reads were answered and {used} are counted");
    assert!(used <= answered + 20, "more than what was under way is counted");
    assert_eq!(sum_of_days(&client, "/registered/reads").await, used);
}

/// Adds up a number of the statistics.
async fn sum_of_days(admin: &Client, number: &str) -> i64 {
    let days = admin.get("/stats").await.body;
    days.as_array().unwrap().iter().map(|day| day.pointer(number).unwrap().as_i64().unwrap()).sum()
}

async fn finishes_what_is_in_flight(signal: Signal) {
    let database = database(Kind::Sqlite).unwrap();
    // A hash of this cost takes a good part of a second, so the registration is in progress when the signal arrives.
    let settings = [("DATABASE_URL", database.url.as_str()), ("BCRYPT_COST", "13"), ("HASH_THREADS", "1")];
    let mut server = Process::start(database.folder(), &settings);
    let client = server.client();
    let body = json!({ "username": "ada", "password": PASSWORD });
    let registration = actix_web::rt::spawn(async move { client.post("/register", &body).await.status });
    while !is_hashing(&server) {
        actix_web::rt::task::yield_now().await;
    }
    server.signal(signal);
    assert_eq!(registration.await.unwrap(), 201);
    assert_eq!(server.wait().code(), Some(0));
}

#[actix_web::test]
async fn sigterm_finishes_requests_in_flight_and_exits_with_0() {
    finishes_what_is_in_flight(Signal::TERM).await;
}

#[actix_web::test]
async fn ctrl_c_finishes_requests_in_flight_and_exits_with_0() {
    finishes_what_is_in_flight(Signal::INT).await;
}

/// Whether the server has started hashing: its hashing thread has used processor time.
fn is_hashing(server: &Process) -> bool {
    let tasks = fs::read_dir(format!("/proc/{}/task", server.child.id())).unwrap();
    tasks.flatten().any(|task| {
        let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
        let ticks = stat.rsplit(") ").next().and_then(|fields| fields.split(' ').nth(11)?.parse::<u64>().ok());
        stat.contains("(hash-") && ticks.is_some_and(|ticks| ticks > 0)
    })
}

fn fail_to_start(folder: &Path, settings: &[(&str, &str)], code: i32) -> Output {
    let output = command(folder, settings).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{settings:?}");
    output
}

#[test]
fn an_unusable_database_ends_the_start_with_one_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("text.db"), "this is not a database, but it is long enough to be one").unwrap();
    for (url, code) in [
        ("mysql://localhost/x", 78),
        ("tollgate.db", 78),
        ("sqlite://", 78),
        ("sqlite://text.db", 69),
        ("sqlite:///nowhere/at/all.db", 69),
        ("postgres://127.0.0.1:1/x", 69),
        ("postgres://u:p@[::/x", 78),
        ("postgres://127.0.0.1:1/x?sslmode=maybe", 78),
    ] {
        let output = fail_to_start(folder.path(), &[("DATABASE_URL", url), ("LOG_LEVEL", "error")], code);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with("tollgate: DATABASE_URL"), "{url}: {said}");
        assert_eq!(said.lines().count(), 1, "{url}: {said}");
    }
}

#[test]
fn no_part_of_a_password_in_an_unencoded_address_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    for (url, code) in [
        // Parsed as a parameter, as the name of the database, and as the host.
        ("postgres://ada:a@b?hunter=22@127.0.0.1:1/x", 78),
        ("postgres://ada:a@127.0.0.1:1/hunter@db", 69),
        ("postgres://ada:a/hunter@127.0.0.1:1/x", 69),
    ] {
        let output = fail_to_start(folder.path(), &[("DATABASE_URL", url), ("LOG_LEVEL", "trace")], code);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("in the username and password, write @ / ? & % as %40 %2F %3F %26 %25\n"), "{said}");
        assert!(!said.contains("hunter"), "{said}");
    }
}

#[test]
fn all_invalid_settings_are_reported_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let output = fail_to_start(folder.path(), &[("PORT", "x"), ("BCRYPT_COST", "99"), ("SECRET_KEY", "hunter2")], 78);
    let said = String::from_utf8(output.stderr).unwrap();
    let told: Vec<_> = said.lines().collect();
    assert_eq!(
        told,
        [
            "tollgate: PORT must be a whole number from 0 to 65535",
            "tollgate: SECRET_KEY must have at least 64 characters",
            "tollgate: BCRYPT_COST must be a whole number from 4 to 31",
        ]
    );
}

#[actix_web::test]
async fn in_an_empty_folder_it_creates_private_files() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start(folder.path(), &[]);
    let client = server.client();
    client.register("ada").await;
    client.login("ada").await;
    assert_eq!(client.get("/blog").await.body.as_array().unwrap().len(), 3);
    for name in ["tollgate.db", "tollgate.key"] {
        let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let key = fs::read_to_string(folder.path().join("tollgate.key")).unwrap();
    drop(server);
    let again = Process::start(folder.path(), &[]);
    assert_eq!(fs::read_to_string(folder.path().join("tollgate.key")).unwrap(), key);
    assert_eq!(client.at(&again.address).get("/check_session").await.status, 200, "the key is the same");
}

#[actix_web::test]
async fn a_dotenv_file_is_read_and_the_environment_overrides_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), "READS_LIMIT=2\nREGISTRATION=closed\n").unwrap();
    let server = Process::start(folder.path(), &[("REGISTRATION", "open")]);
    let client = server.client();
    client.register("ada").await;
    client.login("ada").await;
    assert_eq!(client.get("/meter").await.body["limit"], json!(2));
}

#[actix_web::test]
async fn an_invalid_dotenv_file_is_reported_without_its_values() {
    let folder = tempfile::tempdir().unwrap();
    for (settings, place) in [
        ("# mine\nPORT=0\n\nSTRIPE_WEBHOOK_SECRET=whsec_a b\nHOST=127.0.0.1\n", "the line after PORT"),
        ("a secret\n", "the first line"),
    ] {
        fs::write(folder.path().join(".env"), settings).unwrap();
        let output = fail_to_start(folder.path(), &[], 78);
        let said =
            format!("tollgate: .env cannot be read: {place} is not NAME=value; values with spaces need quotes\n");
        assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(78), said));
    }
}

#[test]
fn a_misspelt_setting_is_logged_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), "READ_LIMIT=3\nTHEIRS=1\n").unwrap();
    let server = Process::start(folder.path(), &[("CHECKOUT_URI", "https://buy.example")]);
    let warnings = crate::support::log::warnings_of_stopped(server);
    let messages: Vec<_> = warnings.iter().map(|line| line["message"].as_str().unwrap()).collect();
    let expected = [
        ".env READ_LIMIT is not a setting: did you mean READS_LIMIT?",
        ".env THEIRS is not a setting",
        "environment CHECKOUT_URI is not a setting: did you mean CHECKOUT_URL?",
    ];
    assert_eq!(messages, expected);
}

#[test]
fn a_port_in_use_ends_the_start_with_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = fail_to_start(folder.path(), &[("PORT", &port), ("LOG_LEVEL", "warn")], 1);
    let said = String::from_utf8(output.stderr).unwrap();
    let expected =
        format!("tollgate: HOST, PORT: cannot listen on 127.0.0.1:{port}: Address already in use (os error 98)\n");
    assert_eq!(said, expected);
}

/// At the most verbose level: what is missing there is never logged.
#[actix_web::test]
async fn the_log_has_the_cause_once_and_never_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let key = "0123456789abcdefghijklmnopqrstuvwxyz-0123456789abcdefghijklmnopqrstuvwxyz";
    let mut server = Process::start(folder.path(), &[("LOG_LEVEL", "trace"), ("SECRET_KEY", key)]);
    let client = server.client();
    client.register("ada").await;
    let login = client.login("ada").await;
    let cookie = login.header("set-cookie").unwrap().split(['=', ';']).nth(1).unwrap().to_owned();
    client.post("/login", &json!({ "username": "ada", "password": "a wrong secret" })).await;
    client.post("/login", &json!({ "username": "ada", "password": ["an odd secret"] })).await;
    client.post_form("/login", "username=ada&password=a+formed+secret").await;
    client.without_cookies().get_with("/meter?token=queried", &[("cookie", "session=a-forged-secret")]).await;
    let api_token = api_tokens::create(&client, &["read"]).await;
    assert_eq!(api_tokens::bearer(&client, &api_token).get("/meter").await.status, 200);
    assert_eq!(api_tokens::bearer(&client, "tgt_mistyped").get("/meter").await.status, 401);

    let elsewhere = format!("sqlite://{}", folder.path().join("tollgate.db").display());
    TestDatabase::at(Kind::Sqlite, elsewhere).execute("ALTER TABLE meters RENAME TO elsewhere").await;
    let failed = client.get("/blog/1").await;
    assert_eq!((failed.status, failed.code()), (503, "unavailable"));
    let id = failed.header("x-request-id").unwrap().to_owned();
    server.signal(Signal::TERM);
    assert!(server.wait().success());

    let log = fs::read_to_string(&server.log).unwrap();
    let of_request: Vec<_> = log.lines().filter(|line| line.contains(&id)).collect();
    let causes: Vec<_> = of_request.iter().filter(|line| line.contains("no such table: meters")).collect();
    assert_eq!(causes.len(), 1, "{of_request:#?}");
    assert!(causes[0].contains("\"level\":\"ERROR\""), "{causes:?}");
    assert_eq!(log.matches("no such table").count(), 1);
    assert!(log.contains("\"api_token.id\":1,") || log.contains("\"api_token.id\":1}"), "the id of the token is");
    let token = cookie.split("%3D").last().unwrap();
    for secret in [
        PASSWORD,
        "a wrong secret",
        "an odd secret",
        "formed",
        "forged",
        "queried",
        "$2b$",
        token,
        api_token.as_str(),
        "tgt_",
        key,
    ] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[actix_web::test]
async fn the_cause_of_an_unreadable_app_file_is_only_logged() {
    let folder = tempfile::tempdir().unwrap();
    let app = folder.path().join("dist");
    fs::create_dir(&app).unwrap();
    fs::write(app.join("index.html"), "<!doctype html>").unwrap();
    std::os::unix::fs::symlink("loop.js", app.join("loop.js")).unwrap();
    let server = Process::start(folder.path(), &[("STATIC_DIR", "dist")]);
    let answer = server.client().open("/loop.js").await;
    let id = answer.header("x-request-id").unwrap().to_owned();
    assert_eq!(answer.parts(), (500, json!({ "error": "internal error", "code": "internal" })));
    let [(request_id, cause)] = crate::support::log::errors(&server).await.try_into().unwrap();
    assert!(request_id == id && cause.starts_with("STATIC_DIR: "), "{cause}");
    let log = crate::support::log::written(&server).await;
    let mut lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let request = lines.find(|line| line["url.path"] == "/loop.js").unwrap();
    let seen = (&request["http.response.status_code"], &request["error.type"], &request["url.scheme"]);
    assert_eq!(seen, (&json!(500), &json!("500"), &json!("http")));
    assert_eq!(request["code"], json!("internal"));
}

#[actix_web::test]
async fn a_new_database_and_a_new_key_are_logged_and_a_lost_key_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let messages = |log: &str| -> Vec<(String, String)> {
        let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let field = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
        lines.map(|line| (field(&line, "level"), field(&line, "message"))).collect()
    };
    let server = Process::start(folder.path(), &[]);
    let first = messages(&crate::support::log::written(&server).await);
    for message in ["migrating the database", "migrated the database", "created a new database", "created a new key"] {
        assert!(first.contains(&("INFO".to_owned(), message.to_owned())), "{message}: {first:?}");
    }
    server.client().register("ada").await;
    drop(server);

    let again = Process::start(folder.path(), &[]);
    let second = messages(&crate::support::log::written(&again).await);
    assert!(!second.iter().any(|(_, message)| message.contains("created") || message.contains("migrat")), "{second:?}");
    drop(again);

    fs::remove_file(folder.path().join("tollgate.key")).unwrap();
    let without_key = Process::start(folder.path(), &[]);
    let third = messages(&crate::support::log::written(&without_key).await);
    let is_warning = |(level, message): &(String, String)| {
        level == "WARN" && message.starts_with("created a new key, although the database has users")
    };
    assert!(third.iter().any(is_warning), "{third:?}");
}

#[test]
fn a_dangling_key_file_link_ends_the_start_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("nowhere/tollgate.key", folder.path().join("tollgate.key")).unwrap();
    let Output { status, stderr, .. } = command(folder.path(), &[("PORT", "0")]).output().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.contains("tollgate.key: is a symbolic link to a file that does not exist"), "{said}");
    assert!(!folder.path().join("nowhere").exists());
}

#[actix_web::test]
async fn a_refused_origin_is_logged_once_with_the_setting() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start(folder.path(), &[("CORS_ORIGINS", "https://app.example")]);
    for origin in ["http://localhost:5174", "http://localhost:5174", "https://app.example", "https://evil.example"] {
        let preflight = server.client().request(reqwest::Method::OPTIONS, "/login").header("origin", origin);
        let preflight = preflight.header("access-control-request-method", "POST").send().await;
        assert!(
            preflight.is_ok_and(|answer| answer.status() == if origin == "https://app.example" { 200 } else { 403 })
        );
    }
    let log = crate::support::log::written(&server).await;
    let lines = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let refused: Vec<_> =
        lines.filter(|line| line["message"].as_str().unwrap().starts_with("preflight rejected")).collect();
    let origins: Vec<_> = refused.iter().map(|line| (&line["level"], &line["origin"])).collect();
    let warn = json!("WARN");
    assert_eq!(origins, [(&warn, &json!("http://localhost:5174")), (&warn, &json!("https://evil.example"))]);
}

/// <https://opentelemetry.io/docs/specs/semconv/http/http-spans/>
#[actix_web::test]
async fn access_log_fields_have_opentelemetry_names() {
    let folder = tempfile::tempdir().unwrap();
    let public = ("PUBLIC_URL", "https://blog.example");
    let settings = [public, ("TRUSTED_PROXIES", "127.0.0.1"), ("ALLOW_INSECURE_TESTING", "true")];
    let mut server = Process::start(folder.path(), &settings);
    let client = server.client().behind_proxy("203.0.113.7");
    client.register("ada").await;
    client.login("ada").await;
    for path in ["/blog/1?token=secret", "/healthz", "/readyz"] {
        assert_eq!(client.get(path).await.status, 200);
    }
    let brew = client.request(reqwest::Method::from_bytes(b"BREW").unwrap(), "/pot");
    assert_eq!(brew.send().await.unwrap().status(), 404);
    server.signal(Signal::TERM);
    assert!(server.wait().success());
    let lines = fs::read_to_string(&server.log).unwrap();
    let requests: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |path: &str| requests.iter().filter(|line| line["url.path"] == path).cloned().collect::<Vec<_>>();

    let [mut read] = <[Value; 1]>::try_from(of("/blog/1")).unwrap();
    let seconds = read["http.server.request.duration"].take().as_f64().unwrap();
    assert!(seconds > 0.0 && seconds < 10.0, "{seconds}");
    for varying in ["timestamp", "request_id"] {
        assert!(read[varying].take().is_string());
    }
    let expected = json!({
        "timestamp": null, "level": "INFO", "message": "request", "target": "tollgate::access_log", "request_id": null,
        "http.request.method": "GET", "url.scheme": "https", "url.path": "/blog/1", "http.route": "/blog/{id}", "http.response.status_code": 200,
        "http.server.request.duration": null, "client.address": "203.0.113.7", "user.id": 1,
    });
    assert_eq!(read, expected);
    let [brewed] = <[Value; 1]>::try_from(of("/pot")).unwrap();
    let methods = (&brewed["http.request.method"], &brewed["http.request.method_original"]);
    assert_eq!(methods, (&json!("_OTHER"), &json!("BREW")));
    assert_eq!((of("/healthz"), of("/readyz")), (vec![], vec![]), "they are for LOG_LEVEL=debug");
}

/// CI runs the tests with `SESSION_CACHE=0` too.
#[test]
fn a_process_has_the_session_cache_of_the_tests_unless_its_settings_say_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let cache = |settings: &[(&str, &str)]| {
        let output = command(folder.path(), settings).args(["--json", "config"]).output().unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["SESSION_CACHE"].clone()
    };
    let of_tests = env::var("SESSION_CACHE").ok().filter(|size| !size.is_empty());
    assert_eq!(cache(&[]), json!(of_tests.as_deref().unwrap_or("100000")));
    assert_eq!(cache(&[("SESSION_CACHE", "7")]), json!("7"));
}
