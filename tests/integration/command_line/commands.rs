//! Commands on users, sessions, posts, backups and settings.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::{Value, json};
use tollgate::{base::clock::Clock, db::verify};

use super::{command, error_of, json_of, not_found_of, run, text};
use crate::support::{
    client::PASSWORD,
    database::{Kind, TestDatabase},
    port::ReservedPort,
    server::{SECRET_KEY, TestServer},
};

#[both_databases::test]
async fn an_added_user_can_sign_in(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let added = json_of(&server, &["user", "add", "Ada", "--email", "ada@example.org", "--admin"], PASSWORD).await;
    let mut expected = added.clone();
    expected["username"] = json!("Ada");
    expected["email"] = json!("ada@example.org");
    expected["role"] = json!("admin");
    expected["is_active"] = json!(true);
    assert_eq!(added, expected);
    assert_eq!(server.client().login("ada").await.body["role"], json!("admin"));
    assert_eq!(json_of(&server, &["user", "list"], "").await, json!([added]));
    assert_eq!(json_of(&server, &["user", "show", "ADA"], "").await["id"], added["id"]);
}

#[both_databases::test]
async fn mistakes_are_reported_and_change_nothing(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.client().register("ada").await;
    for (arguments, typed, error) in [
        (["user", "add", "ada"], PASSWORD, "the name is taken"),
        (["user", "add", "a b"], PASSWORD, "the username must not contain spaces"),
        (["user", "add", "eve"], "short\n", "the password must have at least 8 characters"),
    ] {
        assert_eq!(error_of(&server, &arguments, typed).await, format!("tollgate: {error}\n"));
    }
    for arguments in [["user", "show", "eve"], ["session", "list", "eve"], ["user", "delete", "eve"]] {
        assert_eq!(not_found_of(&server, &arguments).await, "tollgate: user not found: eve\n");
    }
    assert_eq!(json_of(&server, &["user", "list"], "").await.as_array().unwrap().len(), 1);
}

#[both_databases::test]
async fn a_running_server_sees_every_change(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "0")]).await;
    let client = server.signed_in("ada").await;
    json_of(&server, &["user", "promote", "ada"], "").await;
    client.get_until("/check_session", |answer| answer.body["role"] == json!("admin")).await;
    json_of(&server, &["user", "demote", "ada"], "").await;
    client.get_until("/check_session", |answer| answer.body["role"] == json!("user")).await;

    assert_eq!(client.get("/blog/1").await.code(), "payment_required");
    json_of(&server, &["grant", "ada", "--until", "2127-01-01T00:00:00Z"], "").await;
    client.get_until("/blog/1", |answer| answer.status == 200).await;
    json_of(&server, &["revoke", "ada"], "").await;
    client.get_until("/blog/1", |answer| answer.code() == "payment_required").await;

    json_of(&server, &["user", "disable", "ada"], "").await;
    client.until_signed_out().await;
    assert_eq!(client.try_login("ada", PASSWORD).await, 403);
    json_of(&server, &["user", "enable", "ada"], "").await;
    client.login("ada").await;
    json_of(&server, &["user", "password", "ada"], "seven wiser toads\n").await;
    client.until_signed_out().await;
    assert_eq!(client.try_login("ada", PASSWORD).await, 400);
    assert_eq!(client.try_login("ada", "seven wiser toads").await, 200);
    let events = client.get("/account/audit").await.body;
    assert_eq!((&events[1]["event"], &events[1]["ip"]), (&json!("failed"), &json!("127.0.0.1")));
    assert_eq!(events[2]["event"], json!("password_reset"));

    json_of(&server, &["user", "delete", "ada"], "").await;
    client.until_signed_out().await;
    assert_eq!(json_of(&server, &["user", "list"], "").await, json!([]));
}

#[both_databases::test]
async fn sessions_are_listed_and_revoked(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let (client, other) = (server.signed_in("ada").await, server.client());
    other.login("ada").await;
    let sessions = client.get("/sessions").await.body;
    let own = sessions.as_array().unwrap().iter().find(|session| session["current"] == json!(true)).unwrap();
    // The command uses the system clock, which differs from the test's, so both sessions last long.
    let id = own["id"].to_string();
    assert_eq!(json_of(&server, &["session", "revoke", "ada", &id], "").await, json!({ "ended": 1 }));
    client.until_signed_out().await;
    assert!(other.is_signed_in().await);
    assert_eq!(
        not_found_of(&server, &["session", "revoke", "ada", &id]).await,
        "tollgate: ada has no session with this id\n"
    );
    assert_eq!(json_of(&server, &["session", "revoke", "ada"], "").await, json!({ "ended": 1 }));
    other.until_signed_out().await;
    other.login("ada").await;
    assert_eq!(other.get("/account/audit").await.body[1]["event"], json!("revoked"));
}

#[both_databases::test]
async fn without_json_the_output_is_lines_of_text(database: TestDatabase) {
    let server = TestServer::start(database).await;
    run(&server, &["user", "add", "ada", "--email", "ada@example.org"], PASSWORD).await;
    run(&server, &["user", "add", "eve", "--admin"], PASSWORD).await;
    run(&server, &["user", "add", "zoe", "--editor"], PASSWORD).await;
    let lines = async |arguments: &[&str]| {
        let shown = text(&run(&server, arguments, "").await.stdout);
        shown.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    let users = lines(&["user", "list"]).await;
    assert!(users[0].starts_with("1 ada ada@example.org user active 20"), "{users:?}");
    assert!(users[1].starts_with("2 eve - admin active 20"), "{users:?}");
    assert!(users[2].starts_with("3 zoe - editor active 20"), "{users:?}");
    assert_eq!(lines(&["user", "list", "--role", "editor"]).await, users[2..]);
    assert_eq!(
        lines(&["grant", "ada", "--until", "2127-01-01T00:00:00Z"]).await,
        ["ada is now subscribed until 2127-01-01T00:00:00.000Z"]
    );
    assert_eq!(
        lines(&["grant", "ada", "--until", "2127-02-03"]).await,
        ["ada is now subscribed until 2127-02-03T00:00:00.000Z"]
    );
    assert_eq!(
        error_of(&server, &["grant", "ada", "--until", "2020-01-01"], "").await,
        "tollgate: --until must be in the future\n"
    );
    assert!(lines(&["user", "show", "ada"]).await[0].ends_with("Z subscribed until 2127-02-03T00:00:00.000Z"));
    assert_eq!(lines(&["grant", "ada"]).await, ["ada is now subscribed permanently"]);
    assert!(lines(&["user", "list"]).await[0].ends_with("Z subscribed permanently"));
    for (command, done) in [
        ("disable", "is disabled, and all sessions have ended"),
        ("enable", "may sign in"),
        ("promote", "is an admin"),
        ("promote", "is an admin"),
        ("promote --editor", "is an editor"),
        ("demote", "is no longer an admin or editor"),
    ] {
        let arguments: Vec<_> = ["user"].into_iter().chain(command.split(' ')).chain(["ada"]).collect();
        assert_eq!(lines(&arguments).await[0], format!("ada: {done}"));
    }
    assert_eq!(lines(&["revoke", "ada"]).await, ["ada is no longer subscribed"]);
    // The command uses the system clock.
    let node = server.node_with_clock(&[], Clock::system()).await;
    server.client().at(&node).with_headers(&[("user-agent", "agent/1")]).login("ada").await;
    let sessions = lines(&["session", "list", "ada"]).await;
    assert!(sessions.len() == 1 && sessions[0].ends_with("127.0.0.1 agent/1"), "{sessions:?}");
}

#[both_databases::test]
async fn posts_are_added_and_listed(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let file = server.database.folder().join("post.md");
    fs::write(&file, "# Head\n\nSome words that are long enough to be half free. And more of them.").unwrap();
    let added = json_of(
        &server,
        &["post", "add", file.to_str().unwrap(), "--title", "From a file", "--published-at", "2026-11-21"],
        "",
    )
    .await;
    assert_eq!(
        added,
        json!({ "id": 4, "title": "From a file", "slug": "from-a-file", "published": true, "access": "metered",
                "published_at": "2026-11-21T00:00:00.000Z" })
    );
    let draft = json_of(
        &server,
        &[
            "post",
            "add",
            "-",
            "--title",
            "Not yet",
            "--draft",
            "--slug",
            "later",
            "--access",
            "subscribers",
            "--author",
            "Ada",
            "--image",
            "/a.png",
        ],
        "Words.",
    )
    .await;
    assert_eq!(
        draft,
        json!({ "id": 5, "title": "Not yet", "slug": "later", "published": false, "access": "subscribers", "published_at": null })
    );
    let listed = json_of(&server, &["post", "list"], "").await;
    assert_eq!((&listed[0], &listed[4], listed.as_array().unwrap().len()), (&draft, &added, 5), "sorted by date");
    let client = server.signed_in("ada").await;
    assert_eq!(client.get("/blog/4").await.body["title"], json!("From a file"));
    assert_eq!(client.get("/blog/5").await.status, 404);
}

#[both_databases::test]
async fn posts_are_imported_all_or_nothing(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let good = json!({ "title": "One", "data": "Words.", "excerpt": "W", "published": false }).to_string();
    for (line, error) in [
        (r#"{"title":"Two"}"#, "line 3: missing field `data`"),
        ("not JSON", "line 3: is not JSON\n"),
        ("[1]", "line 3: is not a JSON object\n"),
        (r#"{"title":" ","data":"d"}"#, "line 3: the title must not be empty"),
        (
            r#"{"title":"Two","data":"d","slug":"A b"}"#,
            "line 3: the slug must consist of lowercase letters, digits and single hyphens",
        ),
        (r#"{"title":"Two","data":"d","publish":true}"#, "line 3: unknown field `publish`"),
        (
            r#"{"title":"Two","data":"d","published_at":"soon"}"#,
            "line 3: the published_at must be a time such as 2026-11-21T10:00:00Z",
        ),
        (r#"{"title":"Two","data":"d","access":"paid"}"#, "line 3: unknown variant `paid`, expected one of `metered`"),
    ] {
        let refused = error_of(&server, &["post", "import", "-"], &format!("{good}\n\n{line}\n")).await;
        assert!(refused.starts_with(&format!("tollgate: {error}")), "{refused}");
    }
    assert_eq!(json_of(&server, &["post", "list"], "").await.as_array().unwrap().len(), 3);
    let two = format!(
        "{good}\n{}\n",
        r#"{"title":"Two","data":"d","access":"free","author":"A","image":"/a","published_at":"2126-11-21T00:00:00Z"}"#
    );
    assert_eq!(json_of(&server, &["post", "import", "-"], &two).await, json!({ "added": 2 }));
    let listed = json_of(&server, &["post", "list"], "").await;
    assert_eq!(
        listed[0],
        json!({ "id": 5, "title": "Two", "slug": "two", "published": true, "access": "free", "published_at": "2126-11-21T00:00:00.000Z" })
    );
}

#[both_databases::test]
async fn expired_sessions_are_purged(database: TestDatabase) {
    // The command uses the system clock, which runs while the test server's clock stands still.
    let server = TestServer::with(database, &[("SESSION_IDLE", "36500d"), ("SESSION_MAX", "36500d")]).await;
    let client = server.signed_in("ada").await;
    server.client().login("ada").await;
    server.execute("UPDATE sessions SET idle_expires_at = 0 WHERE id = 2").await;
    assert_eq!(json_of(&server, &["session", "purge"], "").await, json!({ "deleted": 1 }));
    assert_eq!(json_of(&server, &["session", "purge"], "").await, json!({ "deleted": 0 }));
    assert!(client.is_signed_in().await);
}

#[both_databases::test]
async fn the_doctor_reports_no_problem_if_there_is_none(database: TestDatabase) {
    let server = TestServer::start(database).await;
    assert_eq!(json_of(&server, &["doctor"], "").await, json!([]));
    assert_eq!(text(&run(&server, &["doctor"], "").await.stdout), "no problems found\n");
}

#[both_databases::test]
async fn no_command_shows_a_secret(database: TestDatabase) {
    let server = TestServer::start(database).await;
    for arguments in [&["user", "add", "ada"][..], &["user", "show", "ada"], &["user", "password", "ada"]] {
        let output = run(&server, arguments, PASSWORD).await;
        let shown = text(&output.stdout) + &text(&output.stderr);
        assert!(output.status.success() && !shown.contains(PASSWORD) && !shown.contains("$2b$"), "{shown}");
    }
}

#[actix_web::test]
async fn a_backup_of_a_running_server_is_complete() {
    let server = TestServer::with(TestDatabase::new(Kind::Sqlite).unwrap(), &[("READS_LIMIT", "1000")]).await;
    let client = server.signed_in("ada").await;
    let folder = server.database.folder().to_owned();
    let reading = async {
        for _ in 0..50 {
            assert_eq!(client.get("/blog/1").await.status, 200);
        }
    };
    let (backup, ()) = futures_util::future::join(run(&server, &["backup", "copy.db", "--verify"], ""), reading).await;
    assert!(backup.status.success(), "{}", text(&backup.stderr));
    assert!(text(&backup.stdout).ends_with("and read the copy: it is sound\n"), "{}", text(&backup.stdout));
    let copy = folder.join("copy.db");
    assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let url = format!("sqlite://{}", copy.display());
    let restored = TestServer::with(TestDatabase::at(Kind::Sqlite, url), &[]).await;
    restored.client().login("ada").await;
    assert!(client.at(&restored.address).is_signed_in().await, "sessions live on");

    let again = error_of(&server, &["backup", "copy.db"], "").await;
    let told = "tollgate: copy.db already exists; a backup must be a new file\n";
    assert_eq!(again, told);
}

#[actix_web::test]
async fn the_space_of_deleted_rows_is_given_back_while_the_server_runs() {
    let server = TestServer::start(TestDatabase::new(Kind::Sqlite).unwrap()).await;
    let client = server.signed_in("ada").await;
    let data = "x".repeat(1000);
    let rows = format!(
        "INSERT INTO posts (title, slug, excerpt, data, published, access, created_at) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) \
         SELECT 'Bulk', '', '', '{data}', FALSE, 'metered', 1 FROM n"
    );
    assert_eq!(server.execute(&rows).await, 1000);
    assert_eq!(server.execute("DELETE FROM posts WHERE title = 'Bulk'").await, 1000);
    let bytes = json_of(&server, &["db", "vacuum"], "").await;
    let size = |key: &str| bytes[key].as_u64().unwrap();
    assert!(size("bytes_after") + 500_000 < size("bytes_before"), "{bytes}");
    assert_eq!(client.get("/blog/1").await.status, 200);
    assert!(text(&run(&server, &["db", "vacuum"], "").await.stdout).ends_with(" KiB now\n"));
}

#[actix_web::test]
async fn a_damaged_copy_is_told_from_a_sound_one() {
    let server = TestServer::start(TestDatabase::new(Kind::Sqlite).unwrap()).await;
    assert!(run(&server, &["backup", "copy.db"], "").await.status.success());
    let copy = server.database.folder().join("copy.db");
    assert_eq!(verify(&copy).unwrap(), None);
    let mut bytes = fs::read(&copy).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0xff);
    fs::write(&copy, bytes).unwrap();
    assert!(verify(&copy).is_err() || verify(&copy).unwrap().is_some());
}

#[actix_web::test]
async fn config_shows_the_settings_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), "READS_LIMIT=7\nSTRIPE_WEBHOOK_SECRET=whsec_hunter22\n").unwrap();
    let database = "postgres://ada:hunter22@db.example/blog";
    let shown = command(folder.path(), database, &["config"], "").await;
    let lines = text(&shown.stdout);
    for line in
        ["READS_LIMIT=7", "SECRET_KEY=(hidden)", "DATABASE_URL=postgres://(hidden)@db.example/blog", "PORT=8080"]
    {
        assert!(lines.lines().any(|shown| shown.starts_with(line)), "{line}: {lines}");
    }
    assert!(!lines.contains("hunter22") && !lines.contains(SECRET_KEY), "{lines}");
    let values: Value =
        serde_json::from_slice(&command(folder.path(), database, &["--json", "config"], "").await.stdout).unwrap();
    assert_eq!((&values["READS_LIMIT"], &values["STRIPE_WEBHOOK_SECRET"]), (&json!("7"), &json!("(hidden)")));
}

#[actix_web::test]
async fn config_reports_what_the_server_would_not_start_with() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), "CONTRACT=new\n").unwrap();
    let shown = command(folder.path(), "sqlite://tollgate.db", &["config"], "").await;
    assert!(text(&shown.stdout).lines().any(|line| line.starts_with("CONTRACT=new ")), "listed all the same");
    let error = "tollgate: CONTRACT must be classic or modern\n".to_owned();
    assert_eq!((shown.status.code(), text(&shown.stderr)), (Some(78), error));
}

#[actix_web::test]
async fn a_setting_is_explained_without_its_secret() {
    let folder = tempfile::tempdir().unwrap();
    let run = async |arguments: &[&str]| command(folder.path(), "sqlite://tollgate.db", arguments, "").await;
    let expected = "BCRYPT_COST=4  (set)\n\n\
                    The cost of hashing a password; each step doubles the time. It must be at least 10 if others may reach the \
                    server, that is if `HOST` or `PUBLIC_URL` is not loopback or `TRUSTED_PROXIES` is set.\n\n\
                    Value:    a whole number from 4 to 31\n\
                    Default:  12\n";
    assert_eq!(text(&run(&["config", "bcrypt_cost"]).await.stdout), expected);

    let secret: Value = serde_json::from_slice(&run(&["--json", "config", "SECRET_KEY"]).await.stdout).unwrap();
    let expected = json!({
        "name": "SECRET_KEY",
        "section": "Cookie",
        "about": "Signs cookies and encrypts the seeds of authenticator apps; generate one with `openssl rand -hex 32`. \
                  All nodes need the same key. Without `SECRET_KEY_OLD`, changing it signs everyone out, and users with an \
                  authenticator app then need a recovery code.",
        "values": "at least 64 characters",
        "default": "generated once and stored in the file `tollgate.key`",
        "is_secret": true,
        "value": "(hidden)",
        "source": "set",
    });
    assert_eq!(secret, expected);

    for (name, error) in [
        ("READ_LIMIT", "READ_LIMIT is not a setting: did you mean READS_LIMIT?"),
        ("EDITOR", "EDITOR is not a setting; `tollgate config` lists all settings"),
    ] {
        let refused = run(&["config", name]).await;
        assert_eq!((refused.status.code(), text(&refused.stderr)), (Some(1), format!("tollgate: {error}\n")));
    }
}

#[actix_web::test]
async fn the_help_says_where_settings_are_described() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["help"][..], &["config", "--help"]] {
        let help = text(&command(folder.path(), "", arguments, "").await.stdout);
        assert!(help.contains("docs/reference/settings.md") && !help.contains("reference  "), "{help}");
    }
}

#[actix_web::test]
async fn the_doctor_names_the_setting_to_change() {
    let folder = tempfile::tempdir().unwrap();
    let settings = "PUBLIC_URL=https://api.blog.example\nCOOKIE_SECURE=true\nTRUSTED_PROXIES=10.0.0.1\n\
                    CORS_ORIGINS=https://app.other.example.org\nREAD_LIMIT=7\nALLOW_INSECURE_TESTING=true\n";
    fs::write(folder.path().join(".env"), settings).unwrap();
    let found = command(folder.path(), "sqlite://tollgate.db", &["--json", "doctor"], "").await;
    let error = "{\"error\":\"errors found: 1\",\"code\":\"failed\"}\n";
    assert_eq!((found.status.code(), text(&found.stderr)), (Some(1), error.to_owned()));
    let findings: Value = serde_json::from_slice(&found.stdout).unwrap();
    let settings: Vec<_> =
        findings.as_array().unwrap().iter().map(|found| (&found["setting"], &found["is_fault"])).collect();
    let (misspelt, testing) = (json!(".env"), json!("ALLOW_INSECURE_TESTING"));
    let (origins, mail, database) = (json!("CORS_ORIGINS"), json!("MAIL_URL"), json!("DATABASE_URL"));
    let look = json!(false);
    let origins = (&origins, &json!(true));
    assert_eq!(settings, [(&misspelt, &look), (&testing, &look), origins, (&mail, &look), (&database, &look)]);
    assert!(text(&found.stdout).contains("READ_LIMIT is not a setting: did you mean READS_LIMIT?"));
    assert_eq!(folder.path().read_dir().unwrap().count(), 1, "it makes nothing");

    fs::write(folder.path().join(".env"), format!("SECRET_KEY_OLD={}\n", "k".repeat(64))).unwrap();
    fs::set_permissions(folder.path().join(".env"), fs::Permissions::from_mode(0o644)).unwrap();
    let found = text(&command(folder.path(), "sqlite://tollgate.db", &["doctor"], "").await.stdout);
    assert!(
        found.starts_with(
            "warning  .env          contains a secret, but other users can read it: run chmod 600 on it\n"
        ),
        "{found}"
    );

    fs::write(folder.path().join(".env"), "CORS_ORIGINS=https://app.example/\n").unwrap();
    let found = command(folder.path(), "sqlite://tollgate.db", &["doctor"], "").await;
    assert!(
        text(&found.stdout).starts_with(
            "error  CORS_ORIGINS  must be a comma-separated list of origins exactly as browsers send them"
        ),
        "{found:?}"
    );
}

#[actix_web::test]
async fn health_reports_whether_the_server_is_ready() {
    let server = TestServer::start(TestDatabase::new(Kind::Sqlite).unwrap()).await;
    let port = server.address.rsplit(':').next().unwrap().to_owned();
    let folder = server.database.folder();
    fs::write(folder.join(".env"), format!("PORT={port}\n")).unwrap();
    let asked = run(&server, &["health"], "").await;
    assert_eq!(
        (asked.status.code(), text(&asked.stdout), text(&asked.stderr)),
        (Some(0), "ready\n".to_owned(), String::new())
    );
    assert_eq!(json_of(&server, &["health"], "").await, json!({ "status": "ok" }));

    let reserved = ReservedPort::new();
    let free = reserved.address().port();
    fs::write(folder.join(".env"), format!("PORT={free}\n")).unwrap();
    let error = error_of(&server, &["health"], "").await;
    assert!(error.starts_with(&format!("tollgate: no response from 127.0.0.1:{free}: ")), "{error}");
}

#[actix_web::test]
async fn a_command_in_the_wrong_folder_creates_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["user", "list"][..], &["backup", "copy.db"], &["grant", "ada"]] {
        let output = command(folder.path(), "sqlite://tollgate.db", arguments, "").await;
        let error = "tollgate: no database at tollgate.db: run the command in the server's folder, with its settings, or create a new \
                 database with `tollgate migrate`\n";
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(1), error.to_owned()));
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }
    assert!(command(folder.path(), "sqlite://tollgate.db", &["migrate"], "").await.status.success());
    let users = command(folder.path(), "sqlite://tollgate.db", &["--json", "user", "list"], "").await;
    assert_eq!(text(&users.stdout), "[]\n");
    fs::write(folder.path().join("another.db"), "").unwrap();
    let other = command(folder.path(), "sqlite://another.db", &["user", "list"], "").await;
    let error =
        "tollgate: the database schema is not up to date; run `tollgate migrate` or start the server to migrate it\n";
    assert_eq!((other.status.code(), text(&other.stderr)), (Some(1), error.to_owned()));
}
