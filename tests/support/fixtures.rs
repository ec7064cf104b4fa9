//! Durations, rows and responses that many tests use.

use std::time::Duration;

use serde_json::{Value, json};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Much longer than anything takes, so that a busy machine does not fail a test, and shorter than the minute for which
/// some servers are told to wait.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

/// A post for tests of the database, which need no more than a row.
pub(crate) const INSERT_POST: &str = "INSERT INTO posts (title, slug, data, excerpt, published, access, created_at) \
                                      VALUES ('t', '', 'd', 'e', TRUE, 'metered', 0)";

/// A user with this id for tests of the database. No password signs in as this user.
pub(crate) fn insert_user(id: i64) -> String {
    format!(
        "INSERT INTO users (id, username, username_key, password_hash, role, is_active, created_at) \
         VALUES ({id}, 'user{id}', 'user{id}', 'h', 'user', TRUE, 0)"
    )
}

/// What `Answer::parts` returns for an error.
type Error = (u16, Value);

fn error(status: u16, code: &str, message: &str) -> Error {
    (status, json!({ "error": message, "code": code }))
}

pub(crate) fn incorrect_password() -> Error {
    error(400, "incorrect_password", "Incorrect password")
}

pub(crate) fn login_required() -> Error {
    error(401, "login_required", "please login")
}

pub(crate) fn forbidden() -> Error {
    error(403, "forbidden", "only admins may do this")
}

/// Where editors may pass as well.
pub(crate) fn forbidden_to_readers() -> Error {
    error(403, "forbidden", "only editors and admins may do this")
}

pub(crate) fn not_found() -> Error {
    error(404, "not_found", "not found")
}

/// `fields` maps each invalid field to its message.
pub(crate) fn invalid_fields(fields: &Value) -> Error {
    let message = "some fields are missing or invalid";
    (422, json!({ "error": message, "code": "invalid_fields", "fields": fields }))
}

pub(crate) fn unavailable() -> Error {
    error(503, "unavailable", "the service is unavailable, try again soon")
}
