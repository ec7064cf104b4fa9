//! The cookie that identifies a reader without a session. It contains only a random id, so that it reveals nothing
//! about the reader, and is signed, so that it cannot be forged.

use actix_web::HttpRequest;

use super::{extract::client::client, session, state::AppState};
use crate::{db::DbError, metering::AnonymousReader, models::meter_id::MeterId};

/// The reader that the cookie names. A cookie that is signed with the old key is signed again with the current one.
pub(super) fn find(request: &HttpRequest, state: &AppState) -> Option<MeterId> {
    let (reader, is_old) = open(request, state)?;
    if is_old {
        set(request, state, reader);
    }
    Some(reader)
}

/// The reader that the cookie names, and whether it is signed with the old key.
fn open(request: &HttpRequest, state: &AppState) -> Option<(MeterId, bool)> {
    let name = state.config.cookie.reader_name();
    let (value, is_old) = session::signed_value(request, name, &state.keys.reader)?;
    Some((MeterId::of_reader(u64::from_str_radix(&value, 16).ok()?), is_old))
}

/// The reader who signs in with this request. `None` if reading without a session is disabled.
pub(super) fn of_login(request: &HttpRequest, state: &AppState) -> Option<MeterId> {
    if state.config.meter.anonymous_limit > 0 { find(request, state) } else { None }
}

/// The reader of a request without a session.
pub(super) fn reader(request: &HttpRequest, state: &AppState) -> Result<AnonymousReader, DbError> {
    match find(request, state) {
        Some(reader) => Ok(AnonymousReader::known(reader)),
        None => AnonymousReader::new(state.keys.networks.meter_id(&client(request).network())),
    }
}

/// Sets the cookie, with the longest lifetime that browsers allow.
pub(super) fn set(request: &HttpRequest, state: &AppState, reader: MeterId) {
    let name = state.config.cookie.reader_name();
    let signed = state.keys.reader.sign(name, format!("{:016x}", reader.random()));
    session::add_cookie(request, state, name, &signed, session::LONGEST_COOKIE);
}
