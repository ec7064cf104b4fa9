//! Limits on guessing passwords and on registering.

use std::{cell::Cell, time::Duration};

use actix_web::rt::task::yield_now;
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use super::email;
use crate::support::{
    client::{Answer, Client, PASSWORD},
    database::TestDatabase,
    fixtures::{HOUR, MINUTE},
    server::TestServer,
    smtp::SmtpServer,
};

const WRONG: &str = "wrong password";

async fn start(database: TestDatabase) -> TestServer {
    let server = TestServer::with(database, &[("THROTTLE", "on"), ("TRUSTED_PROXIES", "127.0.0.1")]).await;
    server.client().behind_proxy("192.0.2.1").register("ada").await;
    server
}

async fn guess(client: &Client, username: &str, password: &str) -> Answer {
    client.post("/login", &json!({ "username": username, "password": password })).await
}

/// Asserts that a response is a 429. Returns the seconds to wait.
fn refusal(answer: Answer) -> u64 {
    let wait = answer.header("retry-after").unwrap().parse().unwrap();
    let body = json!({ "error": "too many attempts, try again later", "code": "too_many_requests" });
    assert_eq!(answer.parts(), (429, body));
    wait
}

/// Guesses at one account, four from each network.
async fn guess_from_many_networks(server: &TestServer, username: &str, count: u32) {
    for number in 0..count {
        let network = number / 4;
        let client = server.client().behind_proxy(&format!("198.51.{}.{}", network / 200, network % 200 + 1));
        assert!(matches!(guess(&client, username, WRONG).await.status, 400 | 404), "{number}");
    }
}

#[both_databases::test]
async fn only_five_wrong_passwords_in_five_minutes_are_checked(database: TestDatabase) {
    let server = start(database).await;
    let client = server.client().behind_proxy("203.0.113.7");
    for _ in 0..5 {
        assert_eq!(guess(&client, "ada", WRONG).await.status, 400);
        server.advance(MINUTE / 2);
    }
    assert_eq!(refusal(guess(&client, "ADA", PASSWORD).await), 150, "the right one is not told either");
    server.advance(Duration::from_millis(149_999));
    assert_eq!(refusal(guess(&client, "ada", WRONG).await), 1);
    server.advance(Duration::from_millis(1));
    assert_eq!(guess(&client, "ada", WRONG).await.status, 400, "the first is five minutes ago");
    assert_eq!(refusal(guess(&client, "ada", WRONG).await), 30, "the second is not yet");
}

#[both_databases::test]
async fn renaming_an_account_does_not_reset_its_failed_attempts(database: TestDatabase) {
    let server = start(database).await;
    let client = server.client().behind_proxy("203.0.113.7");
    assert_eq!(guess(&client, "ada", PASSWORD).await.status, 200);
    for _ in 0..5 {
        assert_eq!(guess(&server.client().behind_proxy("203.0.113.7"), "ada", WRONG).await.status, 400);
    }
    assert_eq!(client.patch("/account", &json!({ "username": "eve" })).await.status, 200);
    assert_eq!(client.get("/account/export").await.body["failed_attempts"].as_array().unwrap().len(), 5);
    assert_eq!(refusal(guess(&server.client().behind_proxy("203.0.113.7"), "eve", PASSWORD).await), 300);
}

#[both_databases::test]
async fn the_owner_can_still_sign_in_from_elsewhere(database: TestDatabase) {
    let server = start(database).await;
    let stranger = server.client().behind_proxy("203.0.113.7");
    for _ in 0..6 {
        guess(&stranger, "ada", WRONG).await;
    }
    assert_eq!(guess(&server.client().behind_proxy("203.0.113.8"), "ada", PASSWORD).await.status, 200);
    assert_eq!(guess(&stranger, "ada", PASSWORD).await.status, 429, "what is right elsewhere clears nothing here");
}

#[both_databases::test]
async fn the_right_password_resets_the_count(database: TestDatabase) {
    let server = start(database).await;
    let client = server.client().behind_proxy("203.0.113.7");
    for _ in 0..3 {
        for _ in 0..4 {
            assert_eq!(guess(&client, "ada", WRONG).await.status, 400);
        }
        assert_eq!(guess(&client, "ada", PASSWORD).await.status, 200);
    }
}

#[both_databases::test]
async fn unknown_names_are_counted_like_existing_ones(database: TestDatabase) {
    let server = start(database).await;
    let client = server.client().behind_proxy("203.0.113.7");
    for spelling in ["nobody", "Nobody", "NOBODY", "nobody", "ｎｏｂｏｄｙ"] {
        assert_eq!(guess(&client, spelling, WRONG).await.status, 404);
    }
    assert_eq!(refusal(guess(&client, "nobody", WRONG).await), 300);
    for _ in 0..5 {
        assert_eq!(guess(&client, "a b", WRONG).await.status, 404);
    }
    assert_eq!(refusal(guess(&client, "a b", WRONG).await), 300, "no name at all, either");
}

#[both_databases::test]
async fn a_network_can_guess_thirty_times_in_five_minutes_in_total(database: TestDatabase) {
    let server = start(database).await;
    let client = server.client().behind_proxy("203.0.113.7");
    for number in 0..30 {
        assert_eq!(guess(&client, &format!("user{number}"), WRONG).await.status, 404);
    }
    assert_eq!(refusal(guess(&client, "ada", PASSWORD).await), 300);
    let neighbour = server.client().behind_proxy("203.0.113.8");
    assert_eq!(guess(&neighbour, "ada", PASSWORD).await.status, 200);
    server.advance(5 * MINUTE);
    assert_eq!(guess(&client, "ada", PASSWORD).await.status, 200);
}

#[both_databases::test]
async fn an_ipv6_network_is_a_slash_64(database: TestDatabase) {
    let server = start(database).await;
    for number in 0..5 {
        let client = server.client().behind_proxy(&format!("2001:db8:1:2::{number}"));
        assert_eq!(guess(&client, "ada", WRONG).await.status, 400);
    }
    assert_eq!(guess(&server.client().behind_proxy("2001:db8:1:2:ffff::1"), "ada", PASSWORD).await.status, 429);
    assert_eq!(guess(&server.client().behind_proxy("2001:db8:1:3::1"), "ada", PASSWORD).await.status, 200);
}

#[both_databases::test]
async fn an_account_allows_a_hundred_guesses_an_hour_from_all_networks(database: TestDatabase) {
    let server = start(database).await;
    let known = server.client().behind_proxy("203.0.113.7");
    known.login("ada").await;
    known.delete("/logout").await;
    guess_from_many_networks(&server, "ada", 100).await;

    let unknown = server.client().behind_proxy("203.0.113.9");
    assert_eq!(refusal(guess(&unknown, "ada", PASSWORD).await), 3600);
    let elsewhere = known.with_headers(&[("x-forwarded-for", "203.0.113.99")]);
    assert_eq!(guess(&elsewhere, "ada", PASSWORD).await.status, 429, "the network is none that matters");
    assert_eq!(guess(&known, "ada", PASSWORD).await.status, 200, "but a browser that was here before is let in");
    server.advance(HOUR);
    assert_eq!(guess(&unknown, "ada", PASSWORD).await.status, 200);
}

#[both_databases::test]
async fn a_browser_is_known_by_a_signed_cookie_of_its_own(database: TestDatabase) {
    let server = start(database).await;
    let client = server.client().without_cookies().behind_proxy("203.0.113.7");
    client.register("eve").await;
    let known_cookie = |answer: &Answer| {
        let cookies = answer.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, cookie)| cookie.clone());
        cookies.into_iter().find(|cookie| cookie.starts_with("known_browser=")).unwrap()
    };
    let login = guess(&client, "ada", PASSWORD).await;
    let cookie = known_cookie(&login);
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=34560000"), "{cookie}");
    let ada = cookie.split(';').next().unwrap().to_owned();
    let eve = known_cookie(&guess(&server.client().behind_proxy("203.0.113.7"), "eve", PASSWORD).await);
    let eve = eve.split(';').next().unwrap().to_owned();

    guess_from_many_networks(&server, "ada", 100).await;
    let try_with = async |cookie: &[u8]| {
        let plain = server.client().without_cookies();
        let login = plain
            .request(reqwest::Method::POST, "/login")
            .header("cookie", cookie)
            .header("x-forwarded-for", "203.0.113.20");
        plain.send(login.json(&json!({ "username": "ada", "password": PASSWORD }))).await.status
    };
    let forged = format!("{}2", &ada[..ada.len() - 1]);
    let session = login.cookie().replace("session=", "known_browser=");
    for cookie in ["known_browser=1", &eve, &forged, &session] {
        assert_eq!(try_with(cookie.as_bytes()).await, 429, "{cookie}");
    }
    // Other programs and neighbouring hosts can set cookies, too.
    for cookie in [ada.clone(), format!("known_browser=1; {ada}")] {
        assert_eq!(try_with(cookie.as_bytes()).await, 200, "{cookie}");
    }
    let beside_latin1 = [&b"theirs=\xe9; "[..], ada.as_bytes()].concat();
    assert_eq!(try_with(&beside_latin1).await, 200);
}

#[both_databases::test]
async fn guesses_in_a_signed_in_session_are_counted_too(database: TestDatabase) {
    let server = start(database).await;
    let client = server.client().behind_proxy("203.0.113.7");
    client.login("ada").await;
    let wrong = json!({ "password": WRONG });
    assert_eq!(client.patch("/account", &json!({ "email": null, "current_password": WRONG })).await.status, 400);
    let change = json!({ "current_password": WRONG, "new_password": "seven wiser toads" });
    assert_eq!(client.post("/account/password", &change).await.status, 400);
    for path in ["/account", "/sessions", "/sessions/99"] {
        assert_eq!(client.delete_with(path, &wrong).await.status, 400, "{path}");
    }
    assert_eq!(refusal(client.delete_with("/account", &json!({ "password": PASSWORD })).await), 300);
    assert_eq!(refusal(guess(&client, "ada", PASSWORD).await), 300, "at the login as well");
    assert!(client.is_signed_in().await);
    assert_eq!(client.patch("/account", &json!({ "email": null })).await.status, 200, "no password is asked here");
}

#[both_databases::test]
async fn only_five_of_many_simultaneous_guesses_are_checked(database: TestDatabase) {
    let server = start(database).await;
    let client = server.client().behind_proxy("203.0.113.7");
    let answers = join_all((0..16).map(|_| guess(&client, "ada", WRONG))).await;
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(400), count(429)), (5, 11));
}

#[both_databases::test]
async fn an_account_allows_thirty_logins_in_five_minutes(database: TestDatabase) {
    let server = start(database).await;
    let other = server.second_node(&[("THROTTLE", "on"), ("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let client = |network: u8| {
        server.client().without_cookies().with_headers(&[("x-forwarded-for", &format!("203.0.113.{network}"))])
    };
    client(9).register("eve").await;
    for network in 0..30 {
        assert_eq!(guess(&client(network), "ada", PASSWORD).await.status, 200, "{network}");
        server.advance(Duration::from_secs(1));
    }
    assert_eq!(refusal(guess(&client(99), "Ada", PASSWORD).await), 270, "from any network");
    assert_eq!(refusal(guess(&client(99).at(&other), "ada", WRONG).await), 270, "on any node, whatever the password");
    assert_eq!(guess(&client(99), "eve", PASSWORD).await.status, 200);
    server.advance(Duration::from_secs(270));
    assert_eq!(guess(&client(99), "ada", PASSWORD).await.status, 200, "the first is five minutes ago");
    assert_eq!(refusal(guess(&client(99), "ada", PASSWORD).await), 1, "the second is not yet");
}

#[both_databases::test]
async fn only_thirty_of_many_simultaneous_logins_succeed(database: TestDatabase) {
    let server = start(database).await;
    let clients: Vec<_> = (0..50).map(|number| server.client().behind_proxy(&format!("203.0.113.{number}"))).collect();
    let answers = join_all(clients.iter().map(|client| guess(client, "ada", PASSWORD))).await;
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(200), count(429)), (30, 20));
}

#[both_databases::test]
async fn repeated_logins_of_one_client_do_not_block_others(database: TestDatabase) {
    let settings = [("HASH_THREADS", "1"), ("HASH_QUEUE", "4"), ("BCRYPT_COST", "8")];
    let server = TestServer::with(database, &settings).await;
    let (client, other) = (server.client().in_network(1), server.client().in_network(2));
    client.register("ada").await;
    other.register("eve").await;
    let (is_over, refused) = (Cell::new(false), Cell::new(0));
    let flood = join_all((0..20).map(|_| async {
        while !is_over.get() {
            let status = client.try_login("ada", PASSWORD).await;
            assert!(matches!(status, 200 | 503), "{status}");
            refused.set(refused.get() + u32::from(status == 503));
        }
    }));
    let sign_in = async {
        for _ in 0..10 {
            // The queue was full at least once.
            let before = refused.get();
            while refused.get() == before {
                yield_now().await;
            }
            assert_eq!(other.try_login("eve", PASSWORD).await, 200);
        }
        is_over.set(true);
    };
    join(flood, sign_in).await;
}

#[both_databases::test]
async fn failures_are_shared_between_nodes_and_survive_restarts(database: TestDatabase) {
    let server = start(database).await;
    let other = server.second_node(&[("THROTTLE", "on"), ("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let client = server.client().behind_proxy("203.0.113.7");
    for number in 0..5 {
        let node = if number % 2 == 0 { client.clone() } else { client.at(&other) };
        assert_eq!(guess(&node, "ada", WRONG).await.status, 400);
    }
    assert_eq!(guess(&client, "ada", PASSWORD).await.status, 429);
    assert_eq!(guess(&client.at(&other), "ada", PASSWORD).await.status, 429);
}

#[both_databases::test]
async fn a_network_can_register_twenty_times_an_hour(database: TestDatabase) {
    let server = start(database).await;
    let client = server.client().behind_proxy("203.0.113.7");
    let register = async |client: &Client, name: &str| {
        client.post("/register", &json!({ "username": name, "password": PASSWORD })).await
    };
    for number in 0..19 {
        assert_eq!(register(&client, &format!("user{number}")).await.status, 201);
    }
    assert_eq!(register(&client, "a b").await.status, 422, "what is no name is no try");
    assert_eq!(register(&client, "ada").await.status, 409, "what tells that a name is taken is one");
    assert_eq!(refusal(register(&client, "late").await), 3600);
    assert_eq!(register(&server.client().behind_proxy("203.0.113.8"), "late").await.status, 201);
    server.advance(HOUR);
    assert_eq!(register(&client, "later").await.status, 201);
}

#[both_databases::test]
async fn only_twenty_of_many_simultaneous_registrations_are_processed(database: TestDatabase) {
    let server = start(database).await;
    let client = server.client().behind_proxy("203.0.113.7");
    let register = |number: usize| {
        let body = json!({ "username": format!("user{number}"), "password": PASSWORD });
        let client = client.clone();
        async move { client.post("/register", &body).await.status }
    };
    let statuses = join_all((0..100).map(register)).await;
    let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    // Some of the twenty may find the queue of the network full.
    assert_eq!((count(201) + count(503), count(429)), (20, 80));
}

#[both_databases::test]
async fn addresses_from_untrusted_proxies_are_ignored(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on"), ("TRUSTED_PROXIES", "10.0.0.0/8")]).await;
    server.client().register("ada").await;
    for number in 0..5 {
        let client = server.client().behind_proxy(&format!("203.0.113.{number}"));
        assert_eq!(guess(&client, "ada", WRONG).await.status, 400);
    }
    assert_eq!(guess(&server.client().behind_proxy("203.0.113.99"), "ada", WRONG).await.status, 429);
}

#[both_databases::test]
async fn modern_failures_are_indistinguishable(database: TestDatabase) {
    let server = TestServer::with(database, &[("CONTRACT", "modern"), ("THROTTLE", "on")]).await;
    let client = server.client();
    client.register("ada").await;
    let mut seen: Vec<(u16, Value)> = Vec::new();
    for name in ["ada", "nobody"] {
        for _ in 0..6 {
            seen.push(guess(&client, name, WRONG).await.parts());
        }
    }
    assert_eq!(seen[..6], seen[6..]);
    assert_eq!((seen[4].0, seen[5].0), (401, 429));
}

#[both_databases::test]
async fn the_spelling_of_an_address_does_not_tell_whether_it_has_an_account(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let settings = [("CONTRACT", "modern"), ("THROTTLE", "on"), ("TRUSTED_PROXIES", "127.0.0.1")];
    let server = email::start(database, &smtp, &settings).await;
    let address = "ada@b\u{fc}cher.example";
    email::verified(&server, &smtp, "ada", address, 0).await;
    let mut seen: Vec<Vec<(u16, Value)>> = Vec::new();
    for (number, local) in ["ada", "eve"].into_iter().enumerate() {
        let client = server.client().behind_proxy(&format!("203.0.113.{number}"));
        let spellings = [
            "@b\u{fc}cher.example",
            "@xn--bcher-kva.example",
            "@B\u{dc}CHER.example",
            "@b\u{fc}cher.EXAMPLE",
            "@XN--BCHER-KVA.Example",
            "@b\u{fc}cher.example",
        ];
        let mut answers = Vec::new();
        for domain in spellings {
            answers.push(guess(&client, &format!("{local}{domain}"), WRONG).await.parts());
        }
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!((seen[0][4].0, seen[0][5].0), (401, 429));
}

#[both_databases::test]
async fn deleting_an_account_leaves_the_others_of_the_browser_known(database: TestDatabase) {
    let server = start(database).await;
    let client = server.client().behind_proxy("203.0.113.7");
    client.register("eve").await;
    assert_eq!(guess(&client, "ada", PASSWORD).await.status, 200);
    assert_eq!(guess(&client, "eve", PASSWORD).await.status, 200);
    assert_eq!(client.delete_with("/account", &json!({ "password": PASSWORD })).await.status, 204);
    guess_from_many_networks(&server, "ada", 100).await;
    assert_eq!(guess(&client, "ada", PASSWORD).await.status, 200);
}
