//! An OpenID Connect provider, honest unless a test makes it hostile. Browsers do not load its pages: a test takes the address
//! that a browser was sent to, and decides who signs in there.

#![expect(clippy::indexing_slicing, reason = "tests fail by panicking")]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::StatusCode,
    rt::{spawn, time::timeout},
    web::{Data, Form, get, post},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use hmac::{Hmac, KeyInit, Mac};
use ring::{
    rand::SystemRandom,
    rsa::PublicKeyComponents,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;
use url::Url;

use super::{
    client::{Answer, Client},
    fixtures::TIMEOUT,
    server::START,
};

pub(crate) const CLIENT_ID: &str = "tollgate";
pub(crate) const CLIENT_SECRET: &str = "hunter22:/?";

/// A key that signs tokens.
#[derive(Clone)]
pub(crate) struct SigningKey(Arc<Pair>);

enum Pair {
    Ecdsa { id: String, pair: EcdsaKeyPair },
    Rsa { id: String, pair: RsaKeyPair },
}

impl SigningKey {
    /// A new key for ES256.
    pub(crate) fn ecdsa(id: &str) -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap();
        Self(Arc::new(Pair::Ecdsa { id: id.to_owned(), pair }))
    }

    /// The key for RS256. It is always the same, because making one takes long.
    pub(crate) fn rsa(id: &str) -> Self {
        let pair = RsaKeyPair::from_pkcs8(include_bytes!("../vectors/provider_rsa.der")).unwrap();
        Self(Arc::new(Pair::Rsa { id: id.to_owned(), pair }))
    }

    fn id(&self) -> &str {
        match &*self.0 {
            Pair::Ecdsa { id, .. } | Pair::Rsa { id, .. } => id,
        }
    }

    fn algorithm(&self) -> &'static str {
        match &*self.0 {
            Pair::Ecdsa { .. } => "ES256",
            Pair::Rsa { .. } => "RS256",
        }
    }

    fn public(&self) -> Value {
        match &*self.0 {
            Pair::Ecdsa { id, pair } => {
                let (x, y) = pair.public_key().as_ref().split_at(1).1.split_at(32);
                let (x, y) = (BASE64URL.encode(x), BASE64URL.encode(y));
                json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": id, "x": x, "y": y })
            }
            Pair::Rsa { id, pair } => {
                let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                let (n, e) = (BASE64URL.encode(n), BASE64URL.encode(e));
                json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": id, "n": n, "e": e })
            }
        }
    }

    fn sign(&self, text: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &*self.0 {
            Pair::Ecdsa { pair, .. } => pair.sign(&random, text).unwrap().as_ref().to_vec(),
            Pair::Rsa { pair, .. } => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, text, &mut signature).unwrap();
                signature
            }
        }
    }
}

/// How the signature of a token is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    Honest,
    /// `alg: none`, without a signature.
    None,
    /// HS256 with the public key as the secret, which a library could take for it.
    WithPublicKey,
    /// HS256 with the client secret, which not only the provider has.
    WithClientSecret,
    /// Of another token.
    Broken,
}

/// How the provider answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Answers,
    Fails,
    /// Waits until the test says otherwise.
    Hangs,
    /// Redirects to itself, where the same is answered.
    Redirects,
    /// Sends a document of more than 1 MiB that is valid otherwise.
    SendsTooMuch,
}

struct Grant {
    nonce: String,
    challenge: String,
    redirect: String,
    claims: Value,
}

/// What the provider has and does.
pub(crate) struct State {
    pub(crate) published: Vec<SigningKey>,
    pub(crate) signing: SigningKey,
    pub(crate) signature: Signature,
    /// Replace claims of the next tokens; `null` removes one.
    pub(crate) claims: Value,
    /// What the UserInfo endpoint says. `null`: the provider has none.
    pub(crate) user_info: Value,
    /// Replace members of the discovery document.
    pub(crate) metadata: Value,
    pub(crate) mood: Mood,
    /// The moods of single paths.
    pub(crate) moods: HashMap<&'static str, Mood>,
    /// How often a path was requested.
    pub(crate) requests: HashMap<String, usize>,
    grants: HashMap<String, Grant>,
}

struct Shared {
    issuer: String,
    state: Mutex<State>,
    arrived: Notify,
    /// Told when a provider that hangs has to go on.
    changed: Notify,
}

#[derive(Clone)]
pub(crate) struct Provider(Arc<Shared>);

impl Provider {
    /// With a key for ES256.
    pub(crate) async fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let key = SigningKey::ecdsa("first");
        let state = State {
            published: vec![key.clone()],
            signing: key,
            signature: Signature::Honest,
            claims: json!({}),
            user_info: Value::Null,
            metadata: json!({}),
            mood: Mood::Answers,
            moods: HashMap::new(),
            requests: HashMap::new(),
            grants: HashMap::new(),
        };
        let shared = Shared { issuer, state: Mutex::new(state), arrived: Notify::new(), changed: Notify::new() };
        let provider = Self(Arc::new(shared));
        let data = Data::new(provider.clone());
        let app = move || {
            App::new()
                .app_data(data.clone())
                .route("/.well-known/openid-configuration", get().to(discovery))
                .route("/jwks", get().to(keys))
                .route("/token", post().to(token))
                .route("/userinfo", get().to(user_info))
        };
        let server = HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run();
        spawn(server);
        provider
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.0.issuer
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    pub(crate) fn set_mood(&self, mood: Mood) {
        self.state().mood = mood;
        self.0.changed.notify_waiters();
    }

    /// Waits until somebody asks a provider that hangs.
    pub(crate) async fn until_asked(&self) {
        timeout(TIMEOUT, self.0.arrived.notified()).await.expect("nobody has asked the provider");
    }

    pub(crate) fn requests(&self, path: &str) -> usize {
        self.state().requests.get(path).copied().unwrap_or_default()
    }

    /// Somebody with these claims signs in where the browser was sent to. Returns where the provider sends the browser back:
    /// a path of the server with its query.
    pub(crate) fn consent(&self, address: &str, claims: &Value) -> String {
        let address = Url::parse(address).unwrap();
        assert_eq!(address.path(), "/authorize");
        let query: HashMap<_, _> = address.query_pairs().into_owned().collect();
        assert_eq!((&*query["response_type"], &*query["code_challenge_method"]), ("code", "S256"));
        assert_eq!(query["client_id"], CLIENT_ID);
        let mut state = self.state();
        let code = format!("code {}", state.grants.len());
        let redirect = query["redirect_uri"].clone();
        let grant = Grant {
            nonce: query["nonce"].clone(),
            challenge: query["code_challenge"].clone(),
            redirect: redirect.clone(),
            claims: claims.clone(),
        };
        state.grants.insert(code.clone(), grant);
        back(&redirect, &[("code", &code), ("state", &query["state"])])
    }

    /// The user refuses, or the provider does.
    pub(crate) fn refuse(&self, address: &str, error: &str) -> String {
        let address = Url::parse(address).unwrap();
        let query: HashMap<_, _> = address.query_pairs().into_owned().collect();
        back(&query["redirect_uri"], &[("error", error), ("state", &query["state"])])
    }

    async fn answer(&self, request: &HttpRequest, body: impl FnOnce(&mut State) -> (u16, Value)) -> HttpResponse {
        let path = request.path().to_owned();
        let mood = {
            let mut state = self.state();
            *state.requests.entry(path.clone()).or_default() += 1;
            state.moods.get(&*path).copied().unwrap_or(state.mood)
        };
        match mood {
            Mood::Hangs => {
                let changed = self.0.changed.notified();
                self.0.arrived.notify_one();
                changed.await;
                HttpResponse::ServiceUnavailable().finish()
            }
            Mood::Fails => HttpResponse::InternalServerError().body("broken"),
            Mood::Redirects if request.query_string().is_empty() => {
                HttpResponse::TemporaryRedirect().insert_header(("location", format!("{path}?again"))).finish()
            }
            Mood::Answers | Mood::Redirects | Mood::SendsTooMuch => {
                let (status, body) = body(&mut self.state());
                // White space is no part of a document.
                let padding = if mood == Mood::SendsTooMuch { " ".repeat(1024 * 1024) } else { String::new() };
                let mut response = HttpResponse::build(StatusCode::from_u16(status).unwrap());
                response.content_type("application/json").body(format!("{body}{padding}"))
            }
        }
    }
}

/// The settings of a server with one provider, `sso`.
pub(crate) fn settings(provider: &Provider) -> [(&'static str, &str); 4] {
    [
        ("OIDC_PROVIDERS", "sso"),
        ("OIDC_SSO_ISSUER", provider.issuer()),
        ("OIDC_SSO_CLIENT_ID", CLIENT_ID),
        ("OIDC_SSO_CLIENT_SECRET", CLIENT_SECRET),
    ]
}

/// Sends a browser to the provider, and returns the address there.
pub(crate) async fn depart(client: &Client, path: &str) -> String {
    let answer = client.get(path).await;
    assert_eq!(answer.status, 302, "{answer:?}");
    answer.header("location").unwrap().to_owned()
}

/// Signs in with the provider, as somebody with these claims.
pub(crate) async fn sign_in(client: &Client, provider: &Provider, claims: &Value) -> Answer {
    let address = depart(client, "/login/oidc/sso").await;
    client.get(&provider.consent(&address, claims)).await
}

/// Where an answer leads.
pub(crate) fn target(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.header("location").unwrap_or_default())
}

fn back(redirect: &str, query: &[(&str, &str)]) -> String {
    let address = Url::parse_with_params(redirect, query).unwrap();
    format!("{}?{}", address.path(), address.query().unwrap_or_default())
}

async fn discovery(provider: Data<Provider>, request: HttpRequest) -> HttpResponse {
    let issuer = provider.issuer().to_owned();
    let answer = |state: &mut State| {
        let mut document = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        });
        if !state.user_info.is_null() {
            document["userinfo_endpoint"] = json!(format!("{issuer}/userinfo"));
        }
        merge(&mut document, &state.metadata);
        (200, document)
    };
    provider.answer(&request, answer).await
}

async fn keys(provider: Data<Provider>, request: HttpRequest) -> HttpResponse {
    let answer = |state: &mut State| {
        let keys: Vec<_> = state.published.iter().map(SigningKey::public).collect();
        (200, json!({ "keys": keys }))
    };
    provider.answer(&request, answer).await
}

async fn token(provider: Data<Provider>, request: HttpRequest, form: Form<HashMap<String, String>>) -> HttpResponse {
    let issuer = provider.issuer().to_owned();
    let authorization = request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned());
    let answer = |state: &mut State| {
        let refusal = |error: &str| (400, json!({ "error": error }));
        if authorization.as_deref() != Some(&basic()) {
            return refusal("invalid_client");
        }
        // Each code works once.
        let Some(grant) = state.grants.remove(&form["code"]) else { return refusal("invalid_grant") };
        let challenge = BASE64URL.encode(Sha256::digest(form["code_verifier"].as_bytes()));
        if challenge != grant.challenge || form["redirect_uri"] != grant.redirect {
            return refusal("invalid_grant");
        }
        let now = START.millis() / 1000;
        let mut claims = json!({
            "iss": issuer, "aud": CLIENT_ID, "nonce": grant.nonce, "iat": now, "exp": now + 1000 * 24 * 60 * 60,
        });
        merge(&mut claims, &grant.claims);
        merge(&mut claims, &state.claims);
        let token = issue(state, &claims);
        (200, json!({ "access_token": "a", "token_type": "Bearer", "id_token": token }))
    };
    provider.answer(&request, answer).await
}

async fn user_info(provider: Data<Provider>, request: HttpRequest) -> HttpResponse {
    let is_authorized = request.headers().get("authorization").is_some_and(|value| value == "Bearer a");
    let answer = |state: &mut State| if is_authorized { (200, state.user_info.clone()) } else { (401, json!({})) };
    provider.answer(&request, answer).await
}

fn basic() -> String {
    use base64::prelude::BASE64_STANDARD;

    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", encode(CLIENT_ID), encode(CLIENT_SECRET))))
}

fn issue(state: &State, claims: &Value) -> String {
    let key = &state.signing;
    let algorithm = match state.signature {
        Signature::Honest | Signature::Broken => key.algorithm(),
        Signature::None => "none",
        Signature::WithPublicKey | Signature::WithClientSecret => "HS256",
    };
    let header = json!({ "alg": algorithm, "kid": key.id(), "typ": "JWT" });
    let encode = |value: &Value| BASE64URL.encode(value.to_string());
    let signed = format!("{}.{}", encode(&header), encode(claims));
    let signature = match state.signature {
        Signature::Honest => key.sign(signed.as_bytes()),
        Signature::Broken => key.sign(b"something else"),
        Signature::None => Vec::new(),
        Signature::WithPublicKey => mac(key.public().to_string().as_bytes(), &signed),
        Signature::WithClientSecret => mac(CLIENT_SECRET.as_bytes(), &signed),
    };
    format!("{signed}.{}", BASE64URL.encode(signature))
}

fn mac(secret: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn merge(into: &mut Value, from: &Value) {
    for (name, value) in from.as_object().unwrap() {
        if value.is_null() {
            into.as_object_mut().unwrap().remove(name);
        } else {
            into[name] = value.clone();
        }
    }
}
