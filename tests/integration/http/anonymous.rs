//! Reading without a session.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tollgate::{config::RetentionConfig, jobs::cleanup};

use crate::support::{
    client::{Answer, Client, PASSWORD},
    database::TestDatabase,
    fixtures::{DAY, HOUR, login_required},
    server::{SECRET_KEY, TestServer},
};

const LIMIT_2: (&str, &str) = ("READS_ANONYMOUS", "2");
const MERGE: (&str, &str) = ("READS_ANONYMOUS_MERGE", "true");
const POSTS: (&str, &str) = ("READS_COUNT", "posts");
const PROXY: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.1");

const RESET: &str = "2026-12-21T10:00:00.000Z";

fn meter(used: i64, resets_at: Option<&str>) -> (u16, Value) {
    let body = json!({
        "limit": 2, "used": used, "remaining": 2 - used, "resets_at": resets_at, "subscribed": false, "anonymous": true,
    });
    (200, body)
}

/// The refusal to read the first post.
fn used_up() -> (u16, Value) {
    let body = json!({
        "error": "please login", "code": "login_required", "limit": 2, "used": 2, "resets_at": RESET,
        "post_title": "What a toll gate is for",
        "excerpt": "A road wants mending, and somebody has to pay for the stones.", "anonymous": true,
    });
    (401, body)
}

fn remaining(answer: &Answer) -> (u16, Option<&str>) {
    (answer.status, answer.header("x-reads-remaining"))
}

/// How many of these simultaneous reads succeed; the others must be refused.
async fn granted(readers: impl Iterator<Item = Client>) -> usize {
    let answers = join_all(readers.map(|client| async move { client.get("/blog/1").await })).await;
    let (granted, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    let is_used_up = |answer: &Answer| answer.status == 401 && answer.body["anonymous"] == json!(true);
    assert!(refused.iter().all(is_used_up), "{refused:?}");
    granted.len()
}

/// How many reads of the user's meter are used.
async fn used(client: &Client) -> Value {
    client.get("/meter").await.body["used"].clone()
}

#[both_databases::test]
async fn a_reader_is_known_by_a_cookie_until_the_reads_are_used_up(database: TestDatabase) {
    let server = TestServer::with(database, &[LIMIT_2]).await;
    let reader = server.client();
    assert_eq!(reader.get("/meter").await.parts(), meter(0, None));
    let first = reader.get("/blog/1").await;
    assert_eq!(remaining(&first), (200, Some("1")));
    assert_eq!((first.header("x-reads-limit"), first.header("x-reads-reset")), (Some("2"), Some("2592000")));
    let cookie = first.header("set-cookie").unwrap();
    assert!(cookie.starts_with("reader="), "{cookie}");
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=34560000"), "{cookie}");
    assert_eq!(reader.get("/meter").await.parts(), meter(1, Some(RESET)));

    let second = reader.get("/blog/2").await;
    assert_eq!((remaining(&second), second.header("set-cookie")), ((200, Some("0")), None));
    let third = reader.get("/blog/1").await;
    assert_eq!((remaining(&third), third.header("set-cookie")), ((401, Some("0")), None));
    assert_eq!(third.parts(), used_up());
    assert_eq!(reader.get("/meter").await.parts(), meter(2, Some(RESET)));
    let followed = reader.open("/blog/3-ten-requests-at-once").await;
    assert_eq!((followed.status, followed.header("location")), (200, None));
    let sign_in = "href=\"/login?next=%2Fblog%2F3-ten-requests-at-once\">Sign in</a>";
    assert!(followed.body.as_str().unwrap().contains(sign_in), "{followed:?}");

    server.advance(30 * DAY);
    assert_eq!(reader.get("/meter").await.parts(), meter(0, None));
    assert_eq!(remaining(&reader.get("/blog/1").await), (200, Some("1")), "another period");
}

#[both_databases::test]
async fn only_posts_and_the_meter_need_no_session(database: TestDatabase) {
    let server = TestServer::with(database, &[LIMIT_2]).await;
    let reader = server.client();
    let listed = reader.get("/blog?limit=1").await;
    let summary = json!([{
        "id": 3, "title": "Ten requests at once",
        "excerpt": "Two people look at the last ticket at the same moment. Who gets it?", "slug": "ten-requests-at-once",
        "access": "metered", "author": null, "image": null, "published_at": "2026-11-21T10:00:00.000Z", "updated_at": null,
    }]);
    assert_eq!(
        (listed.header("link"), listed.header("set-cookie")),
        (Some("</blog?limit=1&before=3>; rel=\"next\""), None)
    );
    assert_eq!(listed.parts(), (200, summary));
    for path in ["/reads", "/sessions", "/account/export", "/stats", "/blog/01", "/blog/%31", "/blog/x", "/blog/", "/x"]
    {
        assert_eq!(reader.get(path).await.parts(), login_required(), "{path}");
    }
    for (method, path) in [
        (Method::POST, "/blog"),
        (Method::PUT, "/blog/1"),
        (Method::DELETE, "/blog/1"),
        (Method::PATCH, "/blog/1"),
        (Method::POST, "/meter"),
    ] {
        let answer = reader.send(reader.request(method.clone(), path)).await;
        assert_eq!(answer.parts(), login_required(), "{method} {path}");
    }
    assert_eq!(reader.get("/meter").await.parts(), meter(0, None));
}

#[both_databases::test]
async fn what_costs_a_user_nothing_costs_a_reader_nothing(database: TestDatabase) {
    let server = TestServer::with(database, &[LIMIT_2]).await;
    server.execute("UPDATE posts SET access = 'free' WHERE id = 2").await;
    server.execute("UPDATE posts SET access = 'subscribers' WHERE id = 3").await;
    let reader = server.client();
    let head = reader.head("/blog/1").await;
    assert_eq!((head.header("set-cookie"), head.header("content-length")), (None, None));
    assert_eq!(head.parts(), (200, Value::Null));
    assert_eq!(reader.head("/blog/9").await.status, 404);
    assert_eq!(reader.get("/blog/9").await.code(), "blog_not_found");
    for header in [("sec-purpose", "prefetch"), ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")] {
        assert_eq!(reader.get_with("/blog/1", &[header]).await.code(), "not_a_read", "{header:?}");
    }
    let free = reader.get("/blog/2").await;
    assert_eq!((free.status, free.header("set-cookie"), free.header("x-reads-limit")), (200, None, None));
    let refused = reader.get("/blog/3").await;
    assert_eq!(refused.header("set-cookie"), None);
    assert_eq!(refused.parts(), login_required());
    assert_eq!(reader.get("/meter").await.parts(), meter(0, None));
    let meters = server.execute("UPDATE meters SET used = used WHERE id < 0").await;
    assert_eq!((meters, server.execute("UPDATE reads SET metered = metered").await), (0, 0));
}

#[both_databases::test]
async fn counting_posts_each_post_costs_a_reader_one_read(database: TestDatabase) {
    let server = TestServer::with(database, &[LIMIT_2, POSTS]).await;
    let reader = server.client();
    for (path, left) in [("/blog/1", "1"), ("/blog/1", "1"), ("/blog/2", "0"), ("/blog/1", "0")] {
        assert_eq!(remaining(&reader.get(path).await), (200, Some(left)), "{path}");
    }
    assert_eq!(reader.get("/blog/3").await.status, 401);
    assert_eq!(granted((0..50).map(|_| reader.clone())).await, 50, "the first post has been paid for");
}

#[both_databases::test]
async fn of_two_thousand_reads_with_one_cookie_exactly_the_limit_succeeds(database: TestDatabase) {
    let settings = [("READS_ANONYMOUS", "7")];
    let server = TestServer::with(database, &settings).await;
    let here = server.client();
    assert_eq!(here.get("/blog/1").await.status, 200);
    let there = here.at(&server.second_node(&settings).await);
    let readers = (0..2000).map(|n| if n % 2 == 0 { &here } else { &there }.clone());
    assert_eq!(granted(readers).await, 6);
    let reads = server.execute("UPDATE reads SET metered = metered WHERE user_id < 0").await;
    assert_eq!((reads, &here.get("/meter").await.body["used"]), (7, &json!(7)));
}

#[both_databases::test]
async fn of_two_thousand_reads_without_a_cookie_exactly_the_budget_of_the_network_succeeds(database: TestDatabase) {
    let settings = [LIMIT_2];
    let server = TestServer::with(database, &settings).await;
    let here = server.client().without_cookies();
    let there = here.at(&server.second_node(&settings).await);
    let readers = (0..2000).map(|n| if n % 2 == 0 { &here } else { &there }.clone());
    assert_eq!(granted(readers).await, 20);
    assert_eq!(here.get("/meter").await.parts(), meter(2, Some(RESET)), "nobody of this network has a read left");
    let refused = here.get("/blog/1").await;
    assert_eq!(refused.header("set-cookie"), None);
    assert_eq!(refused.parts(), used_up());
    let meters = server.execute("UPDATE meters SET used = used WHERE id < 0 AND used = 1").await;
    assert_eq!((meters, server.execute("UPDATE reads SET metered = metered").await), (20, 20));
    assert_eq!(server.client().in_network(7).get("/blog/1").await.status, 200, "another network");
    server.advance(30 * DAY);
    assert_eq!(here.get("/blog/1").await.status, 200, "another period");
}

#[both_databases::test]
async fn a_network_is_an_ipv4_address_or_an_ipv6_64_and_readers_keep_their_own_reads(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_ANONYMOUS", "1"), PROXY]).await;
    let behind = |ip: &str| server.client().behind_proxy(ip);
    for network in [["2001:db8:1:2::1", "2001:db8:1:2:ffff::2"], ["203.0.113.7", "203.0.113.7"]] {
        for number in 0..10 {
            assert_eq!(behind(network[number % 2]).get("/blog/1").await.status, 200, "{network:?} {number}");
        }
        assert_eq!(behind(network[0]).get("/blog/1").await.status, 401, "{network:?}");
        assert_eq!(behind(network[1]).get("/blog/1").await.status, 401, "{network:?}");
    }
    for other in ["2001:db8:1:3::1", "203.0.113.8"] {
        assert_eq!(behind(other).get("/blog/1").await.status, 200, "{other}");
    }
    let visible = "UPDATE meters SET used = used WHERE id < 0 AND used = 10";
    assert_eq!(server.execute(visible).await, 2, "two budgets are used up");
}

#[both_databases::test]
async fn a_reader_with_a_cookie_does_not_draw_on_the_network(database: TestDatabase) {
    let server = TestServer::with(database, &[LIMIT_2]).await;
    let known = server.client();
    assert_eq!(known.get("/blog/1").await.status, 200);
    let plain = known.without_cookies();
    for _ in 0..19 {
        assert_eq!(plain.get("/blog/1").await.status, 200);
    }
    assert_eq!(plain.get("/blog/1").await.status, 401);
    assert_eq!(remaining(&known.get("/blog/1").await), (200, Some("0")));
}

#[both_databases::test]
async fn a_cookie_that_the_server_has_not_signed_counts_as_none(database: TestDatabase) {
    let server = TestServer::with(database, &[LIMIT_2]).await;
    let plain = server.client().without_cookies();
    plain.register("ada").await;
    let login = plain.login("ada").await;
    let known_browser = login.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value);
    let known_browser = known_browser.clone().find(|value| value.starts_with("known_browser=")).unwrap();
    let other = known_browser.split(';').next().unwrap().replace("known_browser=", "reader=");
    let cookie = plain.get("/blog/1").await.cookie();
    let (name, signed) = cookie.split_once('=').unwrap();
    let last = if signed.ends_with('0') { '1' } else { '0' };
    let changed = format!("{name}={}{last}", &signed[..signed.len() - 1]);
    for forged in ["reader=", "reader=0000000000000001", "reader=%ff", &other, &changed] {
        let answer = plain.get_with("/blog/1", &[("cookie", forged)]).await;
        assert_eq!(remaining(&answer), (200, Some("1")), "{forged}");
        assert!(answer.cookie().starts_with("reader="), "{forged}");
    }
    let among_others = format!("reader=x; a=%ff; {cookie}");
    assert_eq!(remaining(&plain.get_with("/blog/1", &[("cookie", &among_others)]).await), (200, Some("0")));
    assert_eq!(plain.get_with("/blog/1", &[("cookie", &cookie)]).await.status, 401);
}

#[both_databases::test]
async fn a_reader_is_known_after_a_change_of_the_key(database: TestDatabase) {
    const NEW_KEY: &str = "another key for tests, which is as long as a key has to be to be taken";
    let server = TestServer::with(database, &[LIMIT_2]).await;
    let plain = server.client().without_cookies();
    let old = plain.get("/blog/1").await.cookie();
    let settings = [LIMIT_2, ("SECRET_KEY", NEW_KEY), ("SECRET_KEY_OLD", SECRET_KEY)];
    let rotated = plain.at(&server.second_node(&settings).await);
    let answer = rotated.get_with("/blog/2", &[("cookie", &old)]).await;
    assert_eq!(remaining(&answer), (200, Some("0")));
    let new = answer.cookie();
    assert_ne!(new, old);
    let only_new = plain.at(&server.second_node(&settings[..2]).await);
    let refused = only_new.get_with("/blog/1", &[("cookie", &new)]).await;
    assert_eq!((refused.status, refused.header("set-cookie")), (401, None));
}

#[both_databases::test]
async fn over_https_the_cookie_has_a_prefix(database: TestDatabase) {
    let server = TestServer::with(database, &[LIMIT_2, ("COOKIE_SECURE", "true")]).await;
    let plain = server.client().without_cookies();
    let answer = plain.get("/blog/1").await;
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-reader=") && cookie.contains("; Secure"), "{cookie}");
    assert_eq!(remaining(&plain.get_with("/blog/1", &[("cookie", &answer.cookie())]).await), (200, Some("0")));
}

#[both_databases::test]
async fn a_session_counts_and_not_the_readers_cookie(database: TestDatabase) {
    let server = TestServer::with(database, &[LIMIT_2]).await;
    let client = server.client();
    client.get("/blog/1").await;
    client.register("ada").await;
    client.login("ada").await;
    let read = client.get("/blog/1").await;
    assert_eq!((remaining(&read), read.header("set-cookie")), ((200, Some("4")), None));
    let body = json!({ "limit": 5, "used": 1, "remaining": 4, "resets_at": RESET, "subscribed": false });
    assert_eq!(client.get("/meter").await.parts(), (200, body));
    client.delete("/logout").await;
    assert_eq!(client.get("/meter").await.parts(), meter(1, Some(RESET)));
}

#[both_databases::test]
async fn the_first_login_adds_the_reads_to_the_account_once(database: TestDatabase) {
    let settings = [LIMIT_2, MERGE];
    let server = TestServer::with(database, &settings).await;
    let (reader, other) = (server.client(), server.client());
    for name in ["ada", "eve"] {
        server.client().register(name).await;
    }
    reader.get("/blog/1").await;
    reader.get("/blog/2").await;
    server.advance(HOUR);
    reader.login("ada").await;
    assert_eq!(used(&reader).await, json!(2));
    let meter = reader.get("/meter").await.body;
    assert_eq!(meter["resets_at"], json!(RESET), "the period began with the first of them");
    let reads = reader.get("/reads").await.body;
    let reads: Vec<_> = reads.as_array().unwrap().iter().map(|read| (&read["post_id"], &read["read_at"])).collect();
    let at = json!("2026-11-21T10:00:00.000Z");
    assert_eq!(reads, [(&json!(2), &at), (&json!(1), &at)]);
    assert_eq!(remaining(&reader.get("/blog/3").await), (200, Some("2")));

    reader.delete("/logout").await;
    assert_eq!(reader.get("/blog/1").await.status, 401, "signing out gives no reads back");
    reader.login("ada").await;
    assert_eq!(used(&reader).await, json!(3));
    reader.delete("/logout").await;
    reader.login("eve").await;
    assert_eq!(used(&reader).await, json!(0), "only the first login counts");
    other.login("ada").await;
    assert_eq!(used(&other).await, json!(3));
}

#[both_databases::test]
async fn reads_are_added_to_a_running_period_and_only_those_of_the_running_one(database: TestDatabase) {
    let server = TestServer::with(database, &[LIMIT_2, MERGE]).await;
    let (reader, late) = (server.client(), server.client());
    late.get("/blog/1").await;
    server.advance(20 * DAY);
    reader.get("/blog/1").await;
    server.advance(HOUR);
    let ada = server.signed_in("ada").await;
    ada.get("/blog/1").await;
    reader.login("ada").await;
    let meter = ada.get("/meter").await.body;
    assert_eq!((&meter["used"], &meter["resets_at"]), (&json!(2), &json!("2027-01-10T11:00:00.000Z")));
    assert_eq!(ada.get("/reads").await.body.as_array().unwrap().len(), 2);
    server.advance(15 * DAY);
    late.login("ada").await;
    assert_eq!(used(&late).await, json!(2), "that period is over");
}

#[both_databases::test]
async fn counting_posts_a_post_that_both_have_read_is_added_once(database: TestDatabase) {
    let settings = [("READS_ANONYMOUS", "5"), MERGE, POSTS];
    let server = TestServer::with(database, &settings).await;
    let ada = server.signed_in("ada").await;
    ada.get("/blog/1").await;
    let reader = server.client();
    for path in ["/blog/1", "/blog/2"] {
        assert_eq!(reader.get(path).await.status, 200);
    }
    reader.login("ada").await;
    assert_eq!(used(&ada).await, json!(2));
    assert_eq!(remaining(&ada.get("/blog/2").await), (200, Some("3")));
    assert_eq!(remaining(&ada.get("/blog/3").await), (200, Some("2")));
}

#[both_databases::test]
async fn two_logins_at_once_add_the_reads_once(database: TestDatabase) {
    let settings = [LIMIT_2, MERGE];
    let server = TestServer::with(database, &settings).await;
    let node = server.second_node(&settings).await;
    for name in ["ada", "eve"] {
        server.client().register(name).await;
    }
    let plain = server.client().without_cookies();
    for round in 1..=10 {
        let cookie = server.client().without_cookies().get("/blog/1").await.cookie();
        let login = |client: Client, name: &'static str| {
            let request = client.request(Method::POST, "/login").header("cookie", cookie.clone());
            async move { client.send(request.json(&json!({ "username": name, "password": PASSWORD }))).await }
        };
        let answers = join_all([login(plain.clone(), "ada"), login(plain.at(&node), "eve")]).await;
        let mut total = 0;
        for answer in answers {
            assert_eq!(answer.status, 200);
            let session = answer.cookie();
            total += plain.get_with("/meter", &[("cookie", &session)]).await.body["used"].as_i64().unwrap();
        }
        assert_eq!(total, round);
    }
}

#[both_databases::test]
async fn by_default_the_account_starts_with_all_its_reads(database: TestDatabase) {
    let server = TestServer::with(database, &[LIMIT_2]).await;
    let reader = server.client();
    reader.get("/blog/1").await;
    reader.register("ada").await;
    reader.login("ada").await;
    assert_eq!(used(&reader).await, json!(0));
    assert_eq!(reader.get("/reads").await.parts(), (200, json!([])));
}

#[both_databases::test]
async fn a_meter_ahead_of_the_clock_is_brought_back(database: TestDatabase) {
    let server = TestServer::with(database, &[LIMIT_2]).await;
    // Not so far that the server's own cleanup would delete a meter of today.
    server.advance(50 * DAY);
    let reader = server.client();
    reader.get("/blog/1").await;
    server.set_back(50 * DAY);
    assert_eq!(remaining(&reader.get("/blog/1").await), (200, Some("0")));
    assert_eq!(reader.get("/blog/1").await.parts(), used_up());
    server.advance(30 * DAY);
    assert_eq!(remaining(&reader.get("/blog/1").await), (200, Some("1")));
}

#[both_databases::test]
async fn old_meters_and_reads_are_deleted(database: TestDatabase) {
    let server = TestServer::with(database, &[LIMIT_2]).await;
    let (reader, later) = (server.client(), server.client());
    reader.get("/blog/1").await;
    server.advance(40 * DAY);
    later.get("/blog/1").await;
    server.advance(25 * DAY);
    let keep = RetentionConfig { audit: 10_000 * DAY, reads: 60 * DAY, inactive_accounts: None };
    let deleted = cleanup::cleanup(&server.database.open().await, server.clock.now(), keep).await.unwrap();
    assert_eq!(deleted, 2, "the reader's meter and read; the network is in another period");
    assert_eq!(server.execute("UPDATE meters SET used = used WHERE id < 0").await, 2);
    assert_eq!(server.execute("UPDATE reads SET metered = metered").await, 1);
    assert_eq!(remaining(&reader.get("/blog/1").await), (200, Some("1")), "the cookie is still valid");
}
