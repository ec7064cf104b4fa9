//! An authenticator app.

use data_encoding::BASE32_NOPAD;
use serde_json::{Value, json};
use tollgate::base::clock::Clock;
use totp_rs::{Builder, Secret};

use super::{
    client::{Answer, Client, PASSWORD},
    server::TestServer,
};

#[derive(Clone)]
pub(crate) struct Authenticator {
    /// In base 32.
    pub(crate) secret: String,
    clock: Clock,
}

impl Authenticator {
    /// Scans what `POST /account/totp` has returned.
    pub(crate) fn scan(server: &TestServer, enrolment: &Answer) -> Self {
        assert_eq!(enrolment.status, 201, "{enrolment:?}");
        Self::of_secret(server, enrolment.body.get("secret").and_then(Value::as_str).unwrap())
    }

    /// With a seed that somebody types in.
    pub(crate) fn of_secret(server: &TestServer, secret: &str) -> Self {
        Self { secret: secret.to_owned(), clock: server.clock.clone() }
    }

    pub(crate) fn seed(&self) -> [u8; 20] {
        BASE32_NOPAD.decode(self.secret.as_bytes()).unwrap().try_into().unwrap()
    }

    /// The code that is shown now.
    pub(crate) fn code(&self) -> String {
        let totp = Builder::new().with_secret(Secret::new_stack(self.seed())).build().unwrap();
        totp.generate(u64::try_from(self.clock.now().millis()).unwrap() / 1000).to_string()
    }

    /// A code that was never shown.
    pub(crate) fn wrong_code(&self) -> String {
        let code: u32 = self.code().parse().unwrap();
        format!("{:06}", (code + 1) % 1_000_000)
    }
}

/// Enrols an authenticator app. Its first code is spent; advance the clock for the next one. Returns the recovery
/// codes.
pub(crate) async fn enrol(server: &TestServer, client: &Client) -> (Authenticator, Vec<String>) {
    let app = Authenticator::scan(server, &client.post("/account/totp", &json!({})).await);
    let confirmed = client.post("/account/totp/confirm", &json!({ "code": app.code() })).await;
    assert_eq!(confirmed.status, 200, "{confirmed:?}");
    let codes = confirmed.body.get("recovery_codes").and_then(Value::as_array).unwrap();
    (app, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

/// The first step of a login.
pub(crate) async fn first_step(client: &Client, username: &str) -> Answer {
    let answer = client.post("/login", &json!({ "username": username, "password": PASSWORD })).await;
    assert_eq!((answer.status, answer.code()), (401, "second_factor_required"), "{answer:?}");
    answer
}

pub(crate) async fn second_step(client: &Client, method: &str, code: &str) -> Answer {
    client.post("/login/second-factor", &json!({ "method": method, "code": code })).await
}

pub(crate) fn incorrect_code() -> (u16, Value) {
    (400, json!({ "error": "this code is incorrect, or was used before", "code": "incorrect_code" }))
}

pub(crate) fn login_expired() -> (u16, Value) {
    (401, json!({ "error": "this sign-in has expired, start again", "code": "login_expired" }))
}
