//! What is known about a request. The outermost layer attaches it, and the layers below and the handlers find it there,
//! instead of reading headers and clocks again.

use std::{
    cell::OnceCell,
    future::{Ready, ready},
    net::IpAddr,
    rc::Rc,
};

use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, dev::Payload};

use super::{
    access::Access,
    credential::{Bearer, Credential},
    extract::client,
    session::RequestSession,
};
use crate::{
    base::{client::Client, clock::Timestamp},
    credentials::sessions::Transport,
};

pub(super) struct RequestContext {
    pub(super) access: Access,
    /// When the request arrived.
    pub(super) received_at: Timestamp,
    pub(super) bearer: Bearer,
    pub(super) session: RequestSession,
    client: OnceCell<Client>,
    /// What the gate has accepted.
    credential: OnceCell<Credential>,
}

impl RequestContext {
    pub(super) fn new(request: &HttpRequest, access: Access, received_at: Timestamp) -> Self {
        Self {
            access,
            received_at,
            bearer: Bearer::of(request.headers(), request.path(), access),
            session: RequestSession::default(),
            client: OnceCell::new(),
            credential: OnceCell::new(),
        }
    }

    pub(super) fn of(request: &impl HttpMessage) -> Option<Rc<Self>> {
        request.extensions().get::<Rc<Self>>().cloned()
    }

    pub(super) fn attach(self, request: &impl HttpMessage) -> Rc<Self> {
        let context = Rc::new(self);
        request.extensions_mut().insert(context.clone());
        context
    }

    /// The client that has sent `request`.
    pub(super) fn client(&self, request: &HttpRequest) -> &Client {
        self.client.get_or_init(|| client::client(request))
    }

    /// The address of that client.
    pub(super) fn ip(&self, request: &HttpRequest) -> IpAddr {
        self.client.get().map_or_else(|| client::ip(request), |client| client.ip)
    }

    /// Signs the user in for this request.
    pub(super) fn set_credential(&self, credential: Credential) {
        let _ = self.credential.set(credential);
    }

    /// What has authenticated the request, if anything has.
    pub(super) fn credential(&self) -> Option<&Credential> {
        self.credential.get()
    }

    /// How the request sends its credential.
    pub(super) fn transport(&self) -> Transport {
        match self.bearer {
            Bearer::Absent => Transport::Cookie,
            Bearer::Token(_) | Bearer::Malformed => Transport::Bearer,
        }
    }
}

/// How a request sends its credential.
pub(super) fn transport(request: &HttpRequest) -> Transport {
    RequestContext::of(request).map_or(Transport::Cookie, |context| context.transport())
}

impl FromRequest for Client {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let context = RequestContext::of(request);
        ready(Ok(context.map_or_else(|| client::client(request), |context| context.client(request).clone())))
    }
}
