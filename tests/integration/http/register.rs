//! `POST /register`

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{client::PASSWORD, database::TestDatabase, fixtures::invalid_fields, server::TestServer};

#[both_databases::test]
async fn a_name_is_taken_whatever_its_case(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    client.register("Zo\u{eb}").await;
    for spelling in ["Zo\u{eb}", "ZO\u{cb}", "zoe\u{308}"] {
        let again = client.post("/register", &json!({ "username": spelling, "password": PASSWORD })).await;
        let taken = json!({ "error": "this username is taken", "code": "username_taken" });
        assert_eq!(again.parts(), (409, taken), "{spelling}");
    }
}

#[both_databases::test]
async fn an_email_is_taken_whatever_its_case(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let body = |name, email| json!({ "username": name, "password": PASSWORD, "email": email });
    assert_eq!(server.client().post("/register", &body("ada", "ada@example.org")).await.status, 201);
    let again = server.client().post("/register", &body("eve", "ADA@Example.org")).await;
    let taken = json!({ "error": "this email address is taken", "code": "email_taken" });
    assert_eq!(again.parts(), (409, taken));
}

#[both_databases::test]
async fn all_invalid_fields_are_named_at_once(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    let missing = json!({ "username": "is missing", "password": "is missing" });
    for body in [json!({}), json!([]), json!("x"), json!(1), json!(null), json!({ "username": null, "password": null })]
    {
        assert_eq!(client.post("/register", &body).await.parts(), invalid_fields(&missing), "{body}");
    }
    let text = json!({ "username": "must be a string", "password": "must be a string", "email": "must be a string" });
    let types = json!({ "username": 1, "password": ["x"], "email": { "a": true } });
    assert_eq!(client.post("/register", &types).await.parts(), invalid_fields(&text));
    let wrong = json!({
        "username": "must have 1 to 64 characters",
        "password": "must have at least 8 characters",
        "email": "must be an email address such as ada@example.org",
    });
    let bounds = json!({ "username": "", "password": "short", "email": "nowhere" });
    assert_eq!(client.post("/register", &bounds).await.parts(), invalid_fields(&wrong));
}

#[both_databases::test]
async fn an_easily_guessed_password_is_refused(database: TestDatabase) {
    let server = TestServer::with(database, &[("PASSWORD_MIN_LENGTH", "6")]).await;
    let refusals = [
        ("PassWord", "is one of the most common passwords"),
        ("monkey", "is one of the most common passwords"),
        ("ADA.lovelace", "must not be the username"),
        ("four\u{0}newts", "must not contain control characters"),
        ("four\u{378}newts", "must not contain characters that are not assigned in Unicode"),
        ("newts", "must have at least 6 characters"),
    ];
    for (password, reason) in refusals {
        let body = json!({ "username": "ada.lovelace", "password": password });
        let refused = server.client().post("/register", &body).await;
        assert_eq!(refused.parts(), invalid_fields(&json!({ "password": reason })), "{password}");
    }
}

#[both_databases::test]
async fn an_invalid_name_is_refused_with_the_reason(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let refusals = [
        ("ada lovelace", "must not contain spaces"),
        ("ada\u{7}", "must not contain control characters"),
        ("ada☺", "must not contain emoji or other symbols outside ASCII (U+263A)"),
        ("a\u{200b}da", "must not contain invisible characters (U+200B)"),
        ("ada\u{378}", "must not contain U+0378, which is not assigned in Unicode"),
    ];
    for (username, reason) in refusals {
        let body = json!({ "username": username, "password": PASSWORD });
        let refused = server.client().post("/register", &body).await;
        assert_eq!(refused.parts(), invalid_fields(&json!({ "username": reason })), "{username}");
        let login = server.client().post("/login", &body).await;
        assert_eq!(login.parts(), (404, json!({ "error": "User not found", "code": "user_not_found" })), "{username}");
    }
}

#[both_databases::test]
async fn a_form_registers_like_json(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    let registered = client.post_form("/register", "username=ada&password=four+sneaky%20newts&email=").await;
    assert_eq!((registered.status, &registered.body["email"]), (201, &Value::Null));
    assert_eq!(client.login("ada").await.status, 200);
    let empty = client.post_form("/register", "username=&password=").await;
    assert_eq!(empty.parts(), invalid_fields(&json!({ "username": "is missing", "password": "is missing" })));
}

#[both_databases::test]
async fn only_one_of_many_simultaneous_registrations_gets_a_name(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let attempts = (0..200).map(|number| {
        let client = server.client().in_network(number);
        let name = if number % 2 == 0 { "Ada" } else { "ada" };
        async move { client.post("/register", &json!({ "username": name, "password": PASSWORD })).await.status }
    });
    let statuses = join_all(attempts).await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 199, "{statuses:?}");
}

#[both_databases::test]
async fn closed_registration_registers_nobody(database: TestDatabase) {
    let server = TestServer::with(database, &[("REGISTRATION", "closed")]).await;
    let refused = server.client().post("/register", &json!({ "username": "ada", "password": PASSWORD })).await;
    assert_eq!(refused.parts(), (403, json!({ "error": "registration is closed", "code": "registration_closed" })));
    assert_eq!(server.client().post("/login", &json!({ "username": "ada", "password": PASSWORD })).await.status, 404);
}

#[both_databases::test]
async fn registrations_beyond_the_hashing_queue_are_refused(database: TestDatabase) {
    let server = TestServer::with(database, &[("HASH_THREADS", "1"), ("HASH_QUEUE", "1"), ("BCRYPT_COST", "10")]).await;
    let attempts =
        (0..20).map(|number| {
            let client = server.client();
            async move {
                client.post("/register", &json!({ "username": format!("ada{number}"), "password": PASSWORD })).await
            }
        });
    let answers = join_all(attempts).await;
    let (registered, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert!(!registered.is_empty() && !refused.is_empty());
    for answer in refused {
        assert_eq!(answer.header("retry-after"), Some("1"));
        let text = "too many passwords are being checked";
        assert_eq!(answer.parts(), (503, json!({ "error": text, "code": "overloaded" })));
    }
    assert_eq!(server.client().get("/check_session").await.status, 401, "who needs no hash is served");
}
