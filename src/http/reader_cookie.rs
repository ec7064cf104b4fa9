//! The cookie that identifies an anonymous reader. It contains only random ids, so that it reveals nothing about
//! the reader, and is signed, so that it cannot be forged.
//!
//! A gift is opened without charge, so that its cookie must not be worth any reads: it names no meter, and the reader
//! draws on the budget of the network like one without a cookie. The first read that is charged adds the meter. The
//! value says which it is, so that no request has to look it up.

use actix_web::HttpRequest;

use super::{context::RequestContext, extract::client, session, state::AppState};
use crate::{
    db::DbError,
    paywall::{Reader, meter_id::MeterId},
};

/// What the cookie says. Its value is one of `<meter>`, `-<opener>` and `<meter>-<opener>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct ReaderCookie {
    /// The reader's meter, which started with a read that was charged to the network.
    meter: Option<MeterId>,
    /// Who opened a gift before there was a meter.
    opener: Option<MeterId>,
}

impl ReaderCookie {
    /// What the request's cookie says. A cookie that is signed with the old key is signed again with the current one.
    fn find(request: &HttpRequest, state: &AppState) -> Self {
        let name = state.config.cookie.reader_name();
        let Some((value, is_old)) = session::signed_value(request, name, &state.keys.reader) else {
            return Self::default();
        };
        let found = Self::parse(&value).unwrap_or_default();
        if is_old {
            found.set(request, state);
        }
        found
    }

    fn parse(value: &str) -> Option<Self> {
        let id = |text: &str| u64::from_str_radix(text, 16).ok().map(MeterId::of_reader);
        match value.split_once('-') {
            None => Some(Self { meter: Some(id(value)?), opener: None }),
            Some(("", opener)) => Some(Self { meter: None, opener: Some(id(opener)?) }),
            Some((meter, opener)) => Some(Self { meter: Some(id(meter)?), opener: Some(id(opener)?) }),
        }
    }

    fn value(self) -> String {
        let text = |id: MeterId| format!("{:016x}", id.random());
        let opener = self.opener.map(|opener| format!("-{}", text(opener))).unwrap_or_default();
        self.meter.map(text).unwrap_or_default() + &opener
    }

    /// Sets the cookie, with the longest lifetime that browsers allow.
    fn set(self, request: &HttpRequest, state: &AppState) {
        let name = state.config.cookie.reader_name();
        let signed = state.keys.reader.sign(name, self.value());
        session::add_cookie(request, state, name, &signed, session::LONGEST_COOKIE);
    }
}

/// The reader who signs in with this request. `None` if reading without a session is disabled.
pub(super) fn of_login(request: &HttpRequest, state: &AppState) -> Option<MeterId> {
    if state.config.meter.anonymous_limit > 0 { ReaderCookie::find(request, state).meter } else { None }
}

/// The reader of a request without a session.
pub(super) fn reader(request: &HttpRequest, state: &AppState) -> Result<Reader, DbError> {
    match ReaderCookie::find(request, state).meter {
        Some(meter) => Ok(Reader::browser(meter)),
        None => {
            let context = RequestContext::of(request);
            let network =
                context.map_or_else(|| client::client(request).network(), |context| context.client(request).network());
            Reader::new_browser(state.keys.networks.meter_id(&network))
        }
    }
}

/// Sets the cookie after a read, if the reader was new.
pub(super) fn set_after_read(request: &HttpRequest, state: &AppState, reader: &Reader) {
    if reader.is_new() {
        ReaderCookie { meter: Some(reader.id()), ..ReaderCookie::find(request, state) }.set(request, state);
    }
}

/// By whom gifts were opened in this browser.
pub(super) fn opener(request: &HttpRequest, state: &AppState) -> Option<MeterId> {
    let cookie = ReaderCookie::find(request, state);
    cookie.opener.or(cookie.meter)
}

/// Sets the cookie after a gift was opened in a browser without one.
pub(super) fn set_opener(request: &HttpRequest, state: &AppState, opener: MeterId) {
    ReaderCookie { meter: None, opener: Some(opener) }.set(request, state);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_that_names_an_opener_names_a_meter_only_after_a_charged_read() {
        let (one, two) = (Some(MeterId::of_reader(1)), Some(MeterId::of_reader(2)));
        for (value, meter, opener) in [
            ("0000000000000001", one, None),
            ("-0000000000000002", None, two),
            ("0000000000000001-0000000000000002", one, two),
        ] {
            let cookie = ReaderCookie { meter, opener };
            assert_eq!((ReaderCookie::parse(value), cookie.value().as_str()), (Some(cookie), value));
        }
        for other in ["", "-", "x", "1-", "1-x", "x-1", "1-1-1"] {
            assert_eq!(ReaderCookie::parse(other), None, "{other}");
        }
    }
}
