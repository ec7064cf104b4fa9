//! The list of users.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;
use strum::VariantArray;

use super::{Frame, filters, filters_of, list};
use crate::{
    base::clock::Timestamp,
    http::{
        api::users::find_users,
        error::ApiError,
        extract::{admin::Admin, current_user::CurrentUser},
        state::AppState,
    },
    users::{Role, User},
};

#[derive(Template)]
#[template(path = "admin/users.html")]
struct UsersPage<'p> {
    frame: Frame<'p>,
    now: Timestamp,
    query: String,
    role: String,
    status: String,
    /// Whether the list is of all users.
    is_complete: bool,
    users: Vec<User>,
    next: Option<String>,
    error: Option<String>,
}

pub(in crate::http) async fn list_users(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let fields = filters_of(&request);
    let submitted = |name| fields.submitted_text(name).unwrap_or_default().to_owned();
    let (query, role, status) = (submitted("query"), submitted("role"), submitted("status"));
    let found = find_users(&state, "/admin/users", fields).await;
    list(&state, found, |(users, next), error| UsersPage {
        frame: Frame::new(&state, &request, &user, "users"),
        now: state.clock.now(),
        is_complete: query.is_empty() && role.is_empty() && status.is_empty(),
        query,
        role,
        status,
        users,
        next,
        error,
    })
}
