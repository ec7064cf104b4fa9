//! An HTTP client with cookies that checks every response against the contract.

use std::net::IpAddr;

use actix_web::rt::time::timeout;
use reqwest::{Method, Request, RequestBuilder, header::HeaderName, redirect::Policy};
use serde_json::{Value, json};

use super::contract::assert_conforms;
use super::fixtures::TIMEOUT;

/// The `Accept` header of Chromium when it opens an address.
pub(crate) const CHROMIUM: &str =
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

pub(crate) const PASSWORD: &str = "four sneaky newts";

#[derive(Clone)]
pub(crate) struct Client {
    address: String,
    http: reqwest::Client,
}

/// A response that conforms to `openapi.yaml`.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Answer {
    /// Status and body, to be compared together. An empty body is `null`, and one that is not JSON is a string.
    pub(crate) fn parts(self) -> (u16, Value) {
        (self.status, self.body)
    }

    /// The first header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The session's cookie as a browser sends it back.
    pub(crate) fn cookie(&self) -> String {
        self.header("set-cookie").and_then(|cookie| cookie.split(';').next()).unwrap().to_owned()
    }

    /// The code of an error.
    pub(crate) fn code(&self) -> &str {
        self.body.get("code").and_then(Value::as_str).unwrap_or_default()
    }
}

impl Client {
    pub(crate) fn new(address: &str) -> Self {
        let http = reqwest::Client::builder().cookie_store(true).redirect(Policy::none()).build().unwrap();
        Self { address: address.to_owned(), http }
    }

    /// A browser that sends these headers with every request.
    pub(crate) fn with_headers(&self, headers: &[(&'static str, &str)]) -> Self {
        let headers = headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        let builder = reqwest::Client::builder().cookie_store(true).redirect(Policy::none());
        Self { address: self.address.clone(), http: builder.default_headers(headers.collect()).build().unwrap() }
    }

    /// A browser at another address, behind a trusted proxy.
    pub(crate) fn behind_proxy(&self, ip: &str) -> Self {
        self.with_headers(&[("x-forwarded-for", ip)])
    }

    /// A browser in another network.
    pub(crate) fn in_network(&self, network: u8) -> Self {
        let builder = reqwest::Client::builder().cookie_store(true).redirect(Policy::none());
        let http = builder.local_address(IpAddr::from([127, 0, 1, network])).build().unwrap();
        Self { address: self.address.clone(), http }
    }

    /// A client of the same server that keeps no cookies.
    pub(crate) fn without_cookies(&self) -> Self {
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        Self { address: self.address.clone(), http }
    }

    /// The same cookies, sent to another node.
    pub(crate) fn at(&self, address: &str) -> Self {
        Self { address: address.to_owned(), http: self.http.clone() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("http://{}{path}", self.address))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// The status, or `None` if the connection breaks.
    pub(crate) async fn try_get(&self, path: &str) -> Option<u16> {
        let response = self.request(Method::GET, path).send().await.ok()?;
        let status = response.status().as_u16();
        response.bytes().await.ok().map(|_| status)
    }

    pub(crate) async fn head(&self, path: &str) -> Answer {
        self.send(self.request(Method::HEAD, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn delete_with(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::DELETE, path).json(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(body)).await
    }

    /// Submits an HTML form.
    pub(crate) async fn post_form(&self, path: &str, body: &'static str) -> Answer {
        let request = self.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(body)).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&'static str, &str)]) -> Answer {
        let request = self.request(Method::GET, path);
        self.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    }

    pub(crate) async fn register(&self, username: &str) -> Answer {
        let answer = self.post("/register", &json!({ "username": username, "password": PASSWORD })).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer
    }

    /// The status of a login.
    pub(crate) async fn try_login(&self, username: &str, password: &str) -> u16 {
        self.post("/login", &json!({ "username": username, "password": password })).await.status
    }

    /// Whether this browser is signed in.
    pub(crate) async fn is_signed_in(&self) -> bool {
        self.get("/check_session").await.status == 200
    }

    /// Repeats a request until the response matches: changes by another process are visible soon, but not at once.
    pub(crate) async fn get_until(&self, path: &str, is_such: impl Fn(&Answer) -> bool) -> Answer {
        let mut last = None;
        let asked = async {
            loop {
                let answer = last.insert(self.get(path).await);
                if is_such(answer) {
                    break;
                }
            }
        };
        let matched = timeout(TIMEOUT, asked).await;
        let last = last.expect("no response in time");
        assert!(matched.is_ok(), "no response matched in time, the last one was {last:?}");
        last
    }

    /// Waits until this browser is signed out.
    pub(crate) async fn until_signed_out(&self) {
        self.get_until("/check_session", |answer| answer.status == 401).await;
    }

    pub(crate) async fn login(&self, username: &str) -> Answer {
        let answer = self.post("/login", &json!({ "username": username, "password": PASSWORD })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer
    }

    /// Sends a request and checks the response against the contract.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().unwrap();
        let (method, url) = (request.method().clone(), request.url().clone());
        let accepted = request.headers().get("accept").map(|accepted| accepted.to_str().unwrap());
        let is_navigation = accepted.is_some_and(|accepted| accepted.contains("text/html"));
        let (answer, bytes) = self.exchange(request).await;
        assert_conforms(method.as_str(), url.path(), is_navigation, answer.status, &answer.headers, &bytes);
        answer
    }

    /// Opens an address as a browser does. The response is not checked, because the contract does not cover a
    /// single-page app.
    pub(crate) async fn open(&self, path: &str) -> Answer {
        let request = self.request(Method::GET, path).header("accept", CHROMIUM);
        self.exchange(request.build().unwrap()).await.0
    }

    /// Sends a request of a browser, whose response is a page.
    pub(crate) async fn browse(&self, request: RequestBuilder) -> Answer {
        self.exchange(request.header("accept", CHROMIUM).build().unwrap()).await.0
    }

    /// Submits a form of a page.
    pub(crate) async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.browse(self.request(Method::POST, path).form(fields)).await
    }

    async fn exchange(&self, request: Request) -> (Answer, Vec<u8>) {
        let response = self.http.execute(request).await.unwrap();
        let status = response.status().as_u16();
        let headers: Vec<_> = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()))
            .collect();
        let bytes = response.bytes().await.unwrap().to_vec();
        let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
        let body =
            if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap_or_else(|_| text()) };
        (Answer { status, headers, body }, bytes)
    }
}
