//! An authenticator for passkeys, and the browser that it is used with.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use data_encoding::BASE64URL_NOPAD;
use passkey::{
    authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod},
    crypto::{iana, rust_crypto::RustCryptoBackend},
    types::{
        Passkey,
        ctap2::{Aaguid, Ctap2Error, get_assertion, make_credential},
        webauthn::{PublicKeyCredentialParameters, PublicKeyCredentialType, PublicKeyCredentialUserEntity},
    },
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    client::{Answer, Client},
    server::TestServer,
};

/// The person who has the authenticator.
#[derive(Clone)]
struct Holder {
    /// Whether they enter the PIN.
    is_verified: Arc<AtomicBool>,
}

#[async_trait]
impl UserValidationMethod for Holder {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(&self, _: UiHint<'a, Passkey>, _: bool, _: bool) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence: true, verification: self.is_verified.load(Ordering::Relaxed) })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

/// An authenticator with at most one passkey, and the page that uses it.
pub(crate) struct Device {
    authenticator: Authenticator<Option<Passkey>, Holder, RustCryptoBackend>,
    holder: Holder,
    /// Of the page.
    pub(crate) origin: String,
    /// What a page asks for instead of the site in the options.
    pub(crate) site: Option<String>,
}

impl Device {
    /// On a page of the server.
    pub(crate) fn new(server: &TestServer) -> Self {
        Self::at(&format!("http://{}", server.address))
    }

    pub(crate) fn at(origin: &str) -> Self {
        Self::of_model(origin, [0; 16])
    }

    pub(crate) fn of_model(origin: &str, aaguid: [u8; 16]) -> Self {
        let holder = Holder { is_verified: Arc::new(AtomicBool::new(true)) };
        let authenticator = Authenticator::new(Aaguid::from(aaguid), None, holder.clone(), RustCryptoBackend);
        Self { authenticator, holder, origin: origin.to_owned(), site: None }
    }

    /// Counts signatures, which most authenticators do not.
    pub(crate) fn counting(mut self) -> Self {
        self.authenticator.set_make_credentials_with_signature_counter(true);
        self
    }

    pub(crate) fn set_counter(&mut self, counter: u32) {
        self.authenticator.store_mut().as_mut().unwrap().counter = Some(counter);
    }

    pub(crate) fn set_verified(&self, is_verified: bool) {
        self.holder.is_verified.store(is_verified, Ordering::Relaxed);
    }

    pub(crate) fn set_user_handle(&mut self, handle: &[u8]) {
        self.authenticator.store_mut().as_mut().unwrap().user_handle = Some(handle.to_vec().into());
    }

    pub(crate) fn credential_id(&self) -> Vec<u8> {
        self.authenticator.store().as_ref().unwrap().credential_id.to_vec()
    }

    /// What `navigator.credentials.create` returns for these options, encoded.
    pub(crate) async fn create(&mut self, options: &Value) -> Value {
        let options = &options["publicKey"];
        let page = self.client_data("webauthn.create", options);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (user, site) = (&options["user"], &options["rp"]);
        let request = make_credential::Request {
            client_data_hash: Sha256::digest(&page).to_vec().into(),
            rp: make_credential::PublicKeyCredentialRpEntity { id: self.site(&site["id"]), name: None },
            user: PublicKeyCredentialUserEntity {
                id: decode(&user["id"]).into(),
                name: text(&user["name"]),
                display_name: text(&user["displayName"]),
            },
            pub_key_cred_params: vec![PublicKeyCredentialParameters {
                ty: PublicKeyCredentialType::PublicKey,
                alg: iana::Algorithm::ES256,
            }],
            exclude_list: None,
            extensions: None,
            options: make_credential::Options::default(),
            pin_auth: None,
            pin_protocol: None,
        };
        let created = self.authenticator.make_credential(request).await.ok().unwrap();
        let id = encode(&self.credential_id());
        json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
            "response": {
                "clientDataJSON": encode(&page), "attestationObject": encode(&created.as_webauthn_bytes()),
                "transports": ["internal"],
            },
        })
    }

    /// What `navigator.credentials.get` returns for these options, encoded.
    pub(crate) async fn sign(&mut self, options: &Value) -> Value {
        let options = &options["publicKey"];
        let page = self.client_data("webauthn.get", options);
        let request = get_assertion::Request {
            rp_id: self.site(&options["rpId"]),
            client_data_hash: Sha256::digest(&page).to_vec().into(),
            allow_list: None,
            extensions: None,
            options: get_assertion::Options::default(),
            pin_auth: None,
            pin_protocol: None,
        };
        let signed = self.authenticator.get_assertion(request).await.ok().unwrap();
        let id = encode(&self.credential_id());
        json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
            "response": {
                "clientDataJSON": encode(&page), "authenticatorData": encode(&signed.auth_data.to_vec()),
                "signature": encode(&signed.signature), "userHandle": signed.user.map(|user| encode(&user.id)),
            },
        })
    }

    fn site(&self, asked: &Value) -> String {
        self.site.clone().unwrap_or_else(|| asked.as_str().unwrap().to_owned())
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data = json!({
            "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

pub(crate) fn decode(text: &Value) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_str().unwrap().as_bytes()).unwrap()
}

/// The options that the server sends.
pub(crate) async fn options(client: &Client, path: &str) -> Value {
    let options = client.post(path, &json!({})).await;
    assert_eq!(options.status, 200, "{options:?}");
    options.body
}

/// Creates a passkey with a device and adds it.
pub(crate) async fn add(client: &Client, device: &mut Device) -> Answer {
    let created = device.create(&options(client, "/account/passkeys/options").await).await;
    client.post("/account/passkeys", &json!({ "credential": created })).await
}

/// A browser whose user has registered and added a passkey.
pub(crate) async fn enrolled(server: &TestServer, username: &str, device: &mut Device) -> Client {
    let client = server.signed_in(username).await;
    let added = add(&client, device).await;
    assert_eq!(added.status, 201, "{added:?}");
    client
}

/// Signs in without a username.
pub(crate) async fn log_in(client: &Client, device: &mut Device) -> Answer {
    let signed = device.sign(&options(client, "/login/passkey/options").await).await;
    client.post("/login/passkey", &json!({ "credential": signed })).await
}

/// Completes a login.
pub(crate) async fn second_step(client: &Client, device: &mut Device) -> Answer {
    let signed = device.sign(&options(client, "/login/second-factor/passkey/options").await).await;
    client.post("/login/second-factor", &json!({ "method": "passkey", "credential": signed })).await
}

pub(crate) fn invalid_credential() -> (u16, Value) {
    (400, json!({ "error": "this passkey cannot be used here", "code": "invalid_credential" }))
}
