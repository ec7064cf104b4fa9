//! `/users`, for admins.

mod change;
mod find;
mod list;

use actix_web::HttpRequest;

pub(in crate::http) use self::{
    change::{delete, end_sessions, remove_lockout, remove_second_factors, update},
    find::find,
    list::list,
};
use crate::http::{error::ApiError, paths};

/// The id in `/users/<id>` and `/users/<id>/…`.
pub(super) fn user_id(request: &HttpRequest) -> Result<i64, ApiError> {
    paths::second_segment_id(request).ok_or(ApiError::NotFound)
}
