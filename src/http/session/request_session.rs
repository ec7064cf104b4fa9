//! What is known about the session of one request, shared by the layers.

use std::{
    cell::{Cell, Ref, RefCell},
    time::Duration,
};

use actix_web::http::header::HeaderValue;

use crate::{credentials::sessions::LoadedSession, http::error::ApiError};

/// Whether a request has a session cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum CookieState {
    #[default]
    Absent,
    Present {
        /// Whether the cookie is signed with the old key and must be sent back signed with the current one.
        needs_resigning: bool,
    },
}

#[derive(Default)]
pub(in crate::http) struct RequestSession {
    cookie: Cell<CookieState>,
    /// The `Cookie` headers as sent, if there are other cookies than the session's. Those of the request have only what
    /// actix-session is to see.
    cookies: RefCell<Vec<HeaderValue>>,
    /// Loaded by the store, but not checked yet.
    loaded: Cell<Option<LoadedSession>>,
    /// Why the store failed.
    error: Cell<Option<ApiError>>,
    /// Whether the gate has accepted a session whose idle expiry this request has extended.
    renewed: Cell<bool>,
    max_age: Cell<Option<Duration>>,
    extra_cookies: RefCell<Vec<(&'static str, HeaderValue)>>,
}

impl RequestSession {
    pub(super) fn set_cookies(&self, session: CookieState, cookies: Vec<HeaderValue>) {
        self.cookie.set(session);
        self.cookies.replace(cookies);
    }

    pub(super) fn cookie(&self) -> CookieState {
        self.cookie.get()
    }

    pub(super) fn cookies(&self) -> Ref<'_, Vec<HeaderValue>> {
        self.cookies.borrow()
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
