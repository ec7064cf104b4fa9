//! The list of users.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{FormErrors, Frame, filters, filters_of, page, refused};
use crate::{
    base::clock::Timestamp,
    http::{
        api::users::find_users,
        error::ApiError,
        extract::{admin::Admin, current_user::CurrentUser, fields::Fields},
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
    let mut shown = UsersPage {
        frame: Frame::new(&state, &request, &user, "users"),
        now: state.clock.now(),
        is_complete: query.is_empty() && role.is_empty() && status.is_empty(),
        query,
        role,
        status,
        users: Vec::new(),
        next: None,
        error: None,
    };
    match find(&state, fields).await {
        Ok((users, next)) => {
            (shown.users, shown.next) = (users, next);
            page(&state, &shown)
        }
        Err(error @ ApiError::InvalidFields(_)) => {
            shown.error = FormErrors::of(&error, &state).1.rest();
            refused(&state, error, &shown)
        }
        Err(error) => Err(error),
    }
}

async fn find(state: &AppState, fields: Fields) -> Result<(Vec<User>, Option<String>), ApiError> {
    find_users(state, "/admin/users", fields).await
}
