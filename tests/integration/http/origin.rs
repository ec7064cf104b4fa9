//! Requests that change something, sent by pages of other sites.

use reqwest::Method;
use serde_json::json;

use crate::support::{client::PASSWORD, database::TestDatabase, server::TestServer};

#[both_databases::test]
async fn a_page_of_another_site_changes_nothing(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let foreign: [&[(&str, &str)]; 5] = [
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
    ];
    let attacks = [
        (Method::POST, "/login"),
        (Method::POST, "/register"),
        (Method::DELETE, "/logout"),
        (Method::POST, "/nowhere"),
    ];
    for headers in foreign {
        for (method, path) in &attacks {
            let request =
                client.request(method.clone(), path).json(&json!({ "username": "eve", "password": PASSWORD }));
            let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            let error = json!({ "error": "requests from this origin are not allowed", "code": "cross_origin" });
            assert_eq!(client.send(request).await.parts(), (403, error), "{method} {path} {headers:?}");
        }
    }
    assert_eq!(client.get("/check_session").await.status, 200, "nobody was signed out");
    let eve = json!({ "username": "eve", "password": PASSWORD });
    assert_eq!(client.post("/login", &eve).await.status, 404, "nobody was registered");
}

#[both_databases::test]
async fn a_plain_http_page_of_the_same_host_cannot_sign_in(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    client.register("ada").await;
    for site in ["cross-site", "same-site"] {
        let headers = [("host", "blog.example"), ("origin", "http://blog.example"), ("sec-fetch-site", site)];
        let login = client.request(Method::POST, "/login").json(&json!({ "username": "ada", "password": PASSWORD }));
        let login = headers.iter().fold(login, |request, (name, value)| request.header(*name, *value));
        let error = json!({ "error": "requests from this origin are not allowed", "code": "cross_origin" });
        assert_eq!(client.send(login).await.parts(), (403, error), "{site}");
    }
}

#[both_databases::test]
async fn own_pages_and_programs_are_allowed(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.client().register("ada").await;
    let own = format!("http://{}", server.address);
    let allowed: [&[(&str, &str)]; 5] = [
        &[],
        &[("origin", &own)],
        &[("origin", &own), ("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:3000")],
    ];
    for headers in allowed {
        let client = server.client();
        let login = client.request(Method::POST, "/login").json(&json!({ "username": "ada", "password": PASSWORD }));
        let login = headers.iter().fold(login, |request, (name, value)| request.header(*name, *value));
        assert_eq!(client.send(login).await.status, 200, "{headers:?}");
    }
}
