//! Changing the key that signs cookies (`SECRET_KEY_OLD`), and duplicate cookies.

use serde_json::json;

use crate::support::{
    client::PASSWORD,
    database::TestDatabase,
    server::{SECRET_KEY, TestServer},
};

const NEW_KEY: &str = "another key for tests, which is as long as a key has to be to be taken";

#[both_databases::test]
async fn a_cookie_of_the_old_key_works_and_is_signed_again(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let plain = server.client().without_cookies();
    plain.register("ada").await;
    let brief = plain.login("ada").await.cookie();
    let kept = plain
        .post("/login", &json!({ "username": "ada", "password": PASSWORD, "stay_signed_in": true }))
        .await
        .cookie();

    let settings = [("SECRET_KEY", NEW_KEY), ("SECRET_KEY_OLD", SECRET_KEY)];
    let rotated = plain.at(&server.second_node(&settings).await);
    let only_new = plain.at(&server.second_node(&[("SECRET_KEY", NEW_KEY)]).await);
    for (old, ending) in [(&brief, "; HttpOnly; SameSite=Lax; Path=/"), (&kept, "; Path=/; Max-Age=2592000")] {
        assert_eq!(only_new.get_with("/meter", &[("cookie", old)]).await.status, 401);
        let answer = rotated.get_with("/meter", &[("cookie", old)]).await;
        assert!(answer.header("set-cookie").unwrap().ends_with(ending), "{answer:?}");
        let new = answer.cookie();
        assert_eq!(answer.status, 200);
        assert_ne!(&new, old);
        assert_eq!(only_new.get_with("/meter", &[("cookie", &new)]).await.status, 200);
        let again = rotated.get_with("/meter", &[("cookie", &new)]).await;
        assert_eq!((again.status, again.header("set-cookie")), (200, None), "once is enough");
        let both = rotated.get_with("/meter", &[("cookie", &format!("{old}; {new}"))]).await;
        assert_eq!((both.status, both.header("set-cookie")), (200, None));
    }
}

#[both_databases::test]
async fn a_cookie_of_the_old_key_is_worthless_once_its_session_ended(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let plain = server.client().without_cookies();
    plain.register("ada").await;
    let old = plain.login("ada").await.cookie();
    let rotated = plain.at(&server.second_node(&[("SECRET_KEY", NEW_KEY), ("SECRET_KEY_OLD", SECRET_KEY)]).await);
    let logout = rotated.request(reqwest::Method::DELETE, "/logout").header("cookie", &old);
    assert_eq!(rotated.send(logout).await.status, 204);
    let replayed = rotated.get_with("/check_session", &[("cookie", &old)]).await;
    assert!(replayed.header("set-cookie").unwrap().starts_with("session=;"));
    assert_eq!(replayed.status, 401);
}

#[both_databases::test]
async fn a_known_browser_stays_known(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on"), ("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let known = server.client().behind_proxy("203.0.113.7");
    known.register("ada").await;
    known.login("ada").await;
    for number in 0..100 {
        let elsewhere = server.client().behind_proxy(&format!("198.51.100.{}", number / 4));
        assert_eq!(elsewhere.try_login("ada", "wrong password").await, 400);
    }
    let settings =
        [("THROTTLE", "on"), ("TRUSTED_PROXIES", "127.0.0.1"), ("SECRET_KEY", NEW_KEY), ("SECRET_KEY_OLD", SECRET_KEY)];
    let node = server.second_node(&settings).await;
    assert_eq!(server.client().behind_proxy("203.0.113.8").at(&node).try_login("ada", PASSWORD).await, 429);
    assert_eq!(known.at(&node).try_login("ada", PASSWORD).await, 200);
}

#[both_databases::test]
async fn a_rolling_key_change_signs_nobody_out(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on"), ("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let node = async |key: &str, other: &str| {
        let settings =
            [("THROTTLE", "on"), ("TRUSTED_PROXIES", "127.0.0.1"), ("SECRET_KEY", key), ("SECRET_KEY_OLD", other)];
        server.second_node(&settings).await
    };
    let before = server.address.clone();
    let (prepared, changed) = (node(SECRET_KEY, NEW_KEY).await, node(NEW_KEY, SECRET_KEY).await);
    let after = node(NEW_KEY, "").await;
    let browser = server.client().behind_proxy("203.0.113.7");
    browser.register("ada").await;
    browser.login("ada").await;
    let known = server.client().behind_proxy("203.0.113.8");
    known.login("ada").await;
    for number in 0..100 {
        let stranger = server.client().behind_proxy(&format!("198.51.100.{}", number / 4));
        assert_eq!(stranger.try_login("ada", "wrong password").await, 400);
    }

    let rolled = [(&before, &prepared), (&prepared, &changed), (&changed, &after)];
    for (old, new) in rolled.into_iter().flat_map(|(old, new)| [(old, old), (old, new), (new, new)]) {
        for address in [old, new, old, new] {
            assert!(browser.at(address).is_signed_in().await, "a session of one node is one of the other");
        }
        // The guesses lock out every browser that the account does not know.
        assert_eq!(known.at(old).try_login("ada", PASSWORD).await, 200);
        assert_eq!(known.at(new).try_login("ada", PASSWORD).await, 200);
        assert_eq!(server.client().behind_proxy("203.0.113.9").at(new).try_login("ada", PASSWORD).await, 429);
    }
    let signed_by_new = browser.at(&after).get("/check_session").await;
    assert_eq!((signed_by_new.status, signed_by_new.header("set-cookie")), (200, None));
    assert_eq!(browser.at(&before).get("/check_session").await.status, 401, "in one step it would sign people out");
}

#[both_databases::test]
async fn the_signed_one_of_duplicate_cookies_counts(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let plain = server.client().without_cookies();
    plain.register("ada").await;
    let good = plain.login("ada").await.cookie();
    let forged = "session=a-forged-one";
    for doubled in [
        format!("{forged}; {good}"),
        format!("{good}; {forged}"),
        format!("{good}; {good}"),
        format!("{forged}; x=%ff; {good}"),
    ] {
        let answer = plain.get_with("/meter", &[("cookie", &doubled)]).await;
        assert_eq!((answer.status, answer.header("set-cookie")), (200, None), "{doubled}");
    }
    let none = plain.get_with("/check_session", &[("cookie", &format!("{forged}; session=; {forged}"))]).await;
    assert!(none.header("set-cookie").unwrap().starts_with("session=;"));
    assert_eq!(none.status, 401);
}
