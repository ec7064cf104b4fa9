//! What is known about the session of one request, shared by the layers.

use std::{
    cell::{Cell, OnceCell, RefCell},
    rc::Rc,
    time::Duration,
};

use actix_web::{HttpMessage, http::header::HeaderValue};

use super::selection::CookieState;
use crate::{
    credentials::sessions::LoadedSession,
    http::{credential::Credential, error::ApiError},
};

/// Attached to each request that may have a session.
pub(in crate::http) struct RequestSession {
    pub(super) cookie: CookieState,
    /// Loaded by the store, but not checked yet.
    loaded: Cell<Option<LoadedSession>>,
    /// Why the store failed.
    error: Cell<Option<ApiError>>,
    /// What the gate has accepted.
    credential: OnceCell<Credential>,
    /// Whether the gate has accepted a session whose idle expiry this request has extended.
    renewed: Cell<bool>,
    max_age: Cell<Option<Duration>>,
    extra_cookies: RefCell<Vec<(&'static str, HeaderValue)>>,
}

impl RequestSession {
    pub(super) fn new(cookie: CookieState) -> Self {
        Self {
            cookie,
            loaded: Cell::default(),
            error: Cell::default(),
            credential: OnceCell::new(),
            renewed: Cell::default(),
            max_age: Cell::default(),
            extra_cookies: RefCell::default(),
        }
    }

    pub(in crate::http) fn of(request: &impl HttpMessage) -> Option<Rc<Self>> {
        request.extensions().get::<Rc<Self>>().cloned()
    }

    pub(super) fn set_loaded(&self, session: LoadedSession) {
        self.loaded.set(Some(session));
    }

    /// Returns the session to be checked, or why it could not be loaded.
    pub(in crate::http) fn take_loaded(&self) -> Result<Option<LoadedSession>, ApiError> {
        self.take_error().map_or_else(|| Ok(self.loaded.take()), Err)
    }

    pub(super) fn set_error(&self, error: ApiError) {
        self.error.set(Some(error));
    }

    pub(super) fn take_error(&self) -> Option<ApiError> {
        self.error.take()
    }

    /// Signs the user in for this request.
    pub(in crate::http) fn set_credential(&self, credential: Credential) {
        let _ = self.credential.set(credential);
    }

    /// What has authenticated the request, if anything has.
    pub(in crate::http) fn credential(&self) -> Option<&Credential> {
        self.credential.get()
    }

    pub(in crate::http) fn set_renewed(&self, renewed: bool) {
        self.renewed.set(renewed);
    }

    pub(super) fn is_renewed(&self) -> bool {
        self.renewed.get()
    }

    /// Makes the cookie of a new session outlast the browser.
    pub(super) fn set_max_age(&self, max_age: Duration) {
        self.max_age.set(Some(max_age));
    }

    pub(super) fn max_age(&self) -> Option<Duration> {
        self.max_age.get()
    }

    /// Sends another cookie, instead of an earlier one with this name. It is added after the session cookie, because
    /// some clients only look at the first.
    pub(super) fn add_cookie(&self, name: &'static str, cookie: HeaderValue) {
        let mut cookies = self.extra_cookies.borrow_mut();
        cookies.retain(|(other, _)| *other != name);
        cookies.push((name, cookie));
    }

    pub(super) fn take_extra_cookies(&self) -> Vec<(&'static str, HeaderValue)> {
        self.extra_cookies.take()
    }
}
