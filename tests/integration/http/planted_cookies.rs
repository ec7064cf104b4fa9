//! Cookies that a neighbouring host, or plain HTTP, can set in somebody else's browser: the server's own cookies are
//! recognized by their exact names only.

use serde_json::json;

use crate::support::{client::Client, database::TestDatabase, server::TestServer};

/// Names that the framework would take for `name`.
fn respellings(name: &str) -> Vec<String> {
    let (first, rest) = name.split_at(1);
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let (start, last) = name.split_at(name.len() - 1);
    let mut spellings = vec![
        format!("{}{rest}", encoded(first)),
        format!("{start}{}", encoded(last).to_lowercase()),
        encoded(name),
        name.to_uppercase(),
        format!("{name} "),
        format!("{name}%20"),
    ];
    for space in ['\u{a0}', '\u{2000}', '\u{3000}', '\u{85}'] {
        spellings.extend([format!("{space}{name}"), format!("{name}{space}")]);
    }
    spellings
}

async fn signed_in(server: &TestServer, name: &str) -> (Client, String) {
    let client = server.client().without_cookies();
    client.register(name).await;
    let cookie = client.login(name).await.cookie();
    (client, cookie)
}

async fn assert_only_the_exact_name_counts(database: TestDatabase, settings: &[(&str, &str)]) {
    let server = TestServer::with(database, settings).await;
    let (browser, ours) = signed_in(&server, "ada").await;
    let (_, theirs) = signed_in(&server, "eve").await;
    let (name, attackers) = theirs.split_once('=').unwrap();
    for planted in respellings(name) {
        let alone = format!("{planted}={attackers}");
        let answer = browser.get_with("/check_session", &[("cookie", &alone)]).await;
        assert_eq!((answer.status, &answer.body["code"]), (401, &json!("not_logged_in")), "{alone}");
        for both in [format!("{alone}; {ours}"), format!("{ours}; {alone}")] {
            let answer = browser.get_with("/check_session", &[("cookie", &both)]).await;
            assert_eq!((answer.status, &answer.body["username"]), (200, &json!("ada")), "{both}");
        }
    }
}

#[both_databases::test]
async fn a_session_cookie_under_another_spelling_is_ignored(database: TestDatabase) {
    assert_only_the_exact_name_counts(database, &[]).await;
}

#[both_databases::test]
async fn a_secure_session_cookie_under_another_spelling_is_ignored(database: TestDatabase) {
    assert_only_the_exact_name_counts(database, &[("COOKIE_SECURE", "true")]).await;
}

#[both_databases::test]
async fn a_reader_cookie_under_another_spelling_is_another_reader(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_ANONYMOUS", "2")]).await;
    let reader = server.client().without_cookies();
    let cookie = reader.get("/blog/1").await.cookie();
    let (name, value) = cookie.split_once('=').unwrap();
    assert_eq!(reader.get_with("/meter", &[("cookie", &cookie)]).await.body["used"], json!(1));
    for planted in respellings(name) {
        let answer = reader.get_with("/meter", &[("cookie", &format!("{planted}={value}"))]).await;
        assert_eq!((answer.status, &answer.body["used"]), (200, &json!(0)), "{planted}");
    }
}
