//! `/users`, for admins.

mod access;
mod change;
mod find;
mod list;
mod records;

use actix_web::HttpRequest;

pub(in crate::http) use self::{
    access::{delete_token, delete_tokens, list_sessions, list_tokens, send_reset},
    change::{delete, end_sessions, remove_lockout, remove_second_factors, update},
    find::find,
    list::list,
    records::{audit, export, set_meter},
};
use crate::http::{error::ApiError, paths};

/// The id in `/users/<id>` and `/users/<id>/…`.
pub(super) fn user_id(request: &HttpRequest) -> Result<i64, ApiError> {
    paths::second_segment_id(request).ok_or(ApiError::NotFound)
}
