//! `/users`, for admins.

mod access;
mod change;
mod find;
mod list;
mod records;

use actix_web::HttpRequest;

pub(in crate::http) use self::{
    access::{delete_token, delete_tokens, delete_user_tokens, list_sessions, list_tokens, mail_reset, send_reset},
    change::{
        change_user, delete, delete_user, end_sessions, end_user_sessions, remove_lockout, remove_second_factors,
        reset_second_factors, unlock_user, update,
    },
    find::{Details, details, find},
    list::{find_users, list},
    records::{audit, events_of_user, export, export_user, give_extra_reads, set_meter},
};
use crate::http::{error::ApiError, paths};

/// The id in `/users/<id>` and `/users/<id>/…`.
pub(super) fn user_id(request: &HttpRequest) -> Result<i64, ApiError> {
    paths::second_segment_id(request).ok_or(ApiError::NotFound)
}
