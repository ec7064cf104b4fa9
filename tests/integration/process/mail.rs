//! Messages survive the end of the process.

use std::{collections::BTreeSet, fs, path::Path};

use rustix::process::Signal;
use serde_json::json;

use crate::support::{
    client::PASSWORD,
    database::{Kind, TestDatabase},
    process::{Process, command},
    smtp::{Behaviour, SmtpServer},
    smtp_tls::SmtpTls,
};

async fn kill_right_after_the_response(kind: Kind) {
    let Some(database) = TestDatabase::new(kind) else { return };
    let smtp = SmtpServer::start();
    let url = smtp.url();
    let settings = [
        ("DATABASE_URL", database.url.as_str()),
        ("MAIL_URL", &url),
        ("MAIL_FROM", "blog@blog.example"),
        ("PUBLIC_URL", "http://localhost"),
    ];
    for attempt in 0..20 {
        let mut server = Process::start(database.folder(), &settings);
        let user = json!({
            "username": format!("ada{attempt}"), "password": PASSWORD, "email": format!("ada{attempt}@example.org"),
        });
        assert_eq!(server.client().post("/register", &user).await.status, 201);
        server.signal(Signal::KILL);
        server.wait();
    }
    let server = Process::start(database.folder(), &settings);
    for attempt in 0..20 {
        smtp.arrived(&format!("ada{attempt}@example.org")).await;
    }
    let mails: Vec<_> = smtp.mails();
    let distinct: BTreeSet<_> =
        mails.iter().map(|mail| (mail.recipients.clone(), mail.message_id(), mail.link())).collect();
    assert_eq!(distinct.len(), 20, "a message that is sent again is the same");
    let unrecorded = mails.iter().filter(|mail| mail.is_on_broken_connection()).count();
    assert!(mails.len() - 20 <= unrecorded, "{} messages, {unrecorded} broken connections", mails.len());
    drop(server);
}

#[actix_web::test]
async fn a_message_survives_a_kill_on_sqlite() {
    kill_right_after_the_response(Kind::Sqlite).await;
}

#[actix_web::test]
async fn a_message_survives_a_kill_on_postgres() {
    kill_right_after_the_response(Kind::Postgres).await;
}

#[actix_web::test]
async fn a_server_that_stops_finishes_the_message_that_it_is_sending() {
    let (folder, smtp) = (tempfile::tempdir().unwrap(), SmtpServer::start());
    let url = smtp.url();
    let settings = [("MAIL_URL", url.as_str()), ("MAIL_FROM", "blog@blog.example"), ("PUBLIC_URL", "http://localhost")];
    smtp.set(Behaviour::Slow);
    let mut server = Process::start(folder.path(), &settings);
    let user = json!({ "username": "ada", "password": PASSWORD, "email": "ada@example.org" });
    server.client().post("/register", &user).await;
    smtp.attempts(1).await;
    server.signal(Signal::TERM);
    assert!(server.wait().success());
    assert_eq!(smtp.mails().len(), 1);
    let list = command(folder.path(), &[&settings[..], &[("DATABASE_URL", "sqlite://tollgate.db")]].concat());
    let list = { list }.args(["mail", "list", "--json"]).output().unwrap();
    assert_eq!(String::from_utf8(list.stdout).unwrap(), "[]\n", "it is recorded as sent");
}

#[actix_web::test]
async fn without_settings_messages_are_files_that_the_log_names() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start(folder.path(), &[]);
    let user = json!({ "username": "ada", "password": PASSWORD, "email": "ada@example.org" });
    assert_eq!(server.client().post("/register", &user).await.status, 201);
    let log = crate::support::log::wait_for(&server, "email written to a file").await;
    let name = log.split("tollgate-mail/").nth(1).unwrap().split('"').next().unwrap();
    let message = fs::read_to_string(folder.path().join("tollgate-mail").join(name)).unwrap();
    assert!(name.ends_with(".eml") && message.contains("To: ada@example.org\r\n"), "{name}: {message}");
    assert!(!log.contains("token="), "{log}");
}

/// What `tollgate mail test` says when it sends with this URL and trusts this certificate authority.
fn test_message(url: &str, authority: Option<&Path>) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let settings = [("MAIL_URL", url), ("MAIL_FROM", "blog@blog.example"), ("PUBLIC_URL", "http://localhost")];
    let mut command = command(folder.path(), &settings);
    command.envs(authority.map(|authority| ("SSL_CERT_FILE", authority)));
    let output = command.args(["mail", "test", "ada@example.org"]).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn the_connection_is_encrypted_and_the_certificate_verified() {
    for (scheme, is_implicit) in [("smtps", true), ("smtp", false)] {
        let folder = tempfile::tempdir().unwrap();
        let (tls, authority) = SmtpTls::new(folder.path(), is_implicit);
        let smtp = SmtpServer::with_tls(Some(tls));
        let url = smtp.url_with(scheme, "localhost", "blog:a%20secret");
        assert_eq!(test_message(&url, Some(&authority)), (Some(0), String::new()), "{scheme}");
        assert_eq!(smtp.mails().len(), 1);

        let other_name = smtp.url_with(scheme, "127.0.0.1", "blog:a%20secret");
        let wrong_password = smtp.url_with(scheme, "localhost", "blog:a%20guess");
        for (url, authority, cause) in [
            (&url, None, "certificate"),
            (&other_name, Some(authority.as_path()), "certificate"),
            (&wrong_password, Some(authority.as_path()), "535"),
        ] {
            let (code, said) = test_message(url, authority);
            assert!(code == Some(1) && said.contains(cause), "{scheme}: {said}");
            assert!(!said.contains("secret") && !said.contains("guess"), "{said}");
        }
        assert_eq!(smtp.mails().len(), 1);
    }
}

#[test]
fn nothing_is_sent_where_encryption_is_not_offered() {
    let folder = tempfile::tempdir().unwrap();
    let (tls, authority) = SmtpTls::stripped(folder.path());
    let smtp = SmtpServer::with_tls(Some(tls));
    let (code, said) = test_message(&smtp.url_with("smtp", "localhost", "blog:a%20secret"), Some(&authority));
    assert!(code == Some(1) && said.contains("STARTTLS"), "{said}");
    assert_eq!(smtp.mails().len(), 0);
}

#[test]
fn operators_test_list_and_retry_messages() {
    let (folder, smtp) = (tempfile::tempdir().unwrap(), SmtpServer::start());
    let url = smtp.url();
    let settings = [("MAIL_URL", url.as_str()), ("MAIL_FROM", "blog@blog.example"), ("PUBLIC_URL", "http://localhost")];
    let run = |arguments: &[&str]| {
        let output = command(folder.path(), &settings).args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    assert_eq!(
        run(&["mail", "test", "ada@example.org"]),
        (Some(0), "sent to ada@example.org\n".to_owned(), String::new())
    );
    let mail = smtp.mails().pop().unwrap();
    assert_eq!(
        (mail.recipients.as_slice(), mail.subject()),
        (&["ada@example.org".to_owned()][..], "Test message from localhost".to_owned())
    );
    smtp.set(Behaviour::Refuse("550 no such mailbox"));
    let (code, _, said) = run(&["mail", "test", "ada@example.org"]);
    assert!(code == Some(1) && said.matches("no such mailbox").count() == 1, "{said}");
    run(&["migrate"]);
    assert_eq!(run(&["mail", "list"]), (Some(0), String::new(), String::new()));
    assert_eq!(run(&["mail", "retry"]).1, "messages to be delivered: 0\n");
    assert_eq!(run(&["mail", "retry", "7"]).2, "tollgate: no unsent message has the id 7\n");
}
