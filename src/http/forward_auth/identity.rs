//! Headers that tell the application behind the proxy who the visitor is.

use actix_web::{
    HttpResponseBuilder,
    http::header::{HeaderName, HeaderValue},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{base::clock::Timestamp, http::credential::Credential, users::Role};

const USER_ID: HeaderName = HeaderName::from_static("x-tollgate-user-id");
const USERNAME: HeaderName = HeaderName::from_static("x-tollgate-username");
const ROLE: HeaderName = HeaderName::from_static("x-tollgate-role");
const SUBSCRIBED: HeaderName = HeaderName::from_static("x-tollgate-subscribed");

/// What is percent-encoded: everything but the unreserved characters (RFC 3986, section 2.3). Header values are ASCII,
/// and usernames are not.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// For a visitor without a session. There are no other headers, so that no application mistakes the visitor for a user.
pub(super) fn insert_anonymous(response: &mut HttpResponseBuilder) {
    response.insert_header((SUBSCRIBED, HeaderValue::from_static("false")));
}

pub(super) fn insert(response: &mut HttpResponseBuilder, credential: &Credential, now: Timestamp) {
    let user = credential.user();
    // The token of an admin may not have the scope for what only admins do.
    let role = if credential.is_admin() { Role::Admin } else { Role::User };
    let subscribed = if user.is_subscribed(now) { "true" } else { "false" };
    response.insert_header((USER_ID, user.user_id));
    response.insert_header((USERNAME, utf8_percent_encode(&user.username, ENCODED).to_string()));
    response.insert_header((ROLE, HeaderValue::from_static(role.as_str())));
    response.insert_header((SUBSCRIBED, HeaderValue::from_static(subscribed)));
}
