//! What is ended for everybody at once, after a leak.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{Frame, done, filters, page, sign_in_again};
use crate::http::{
    api::everybody::{delete_all_tokens, end_all_sessions},
    error::ApiError,
    extract::{admin::Admin, current_user::CurrentUser},
    state::AppState,
};

#[derive(Template)]
#[template(path = "admin/everybody.html")]
struct EverybodyPage<'p> {
    frame: Frame<'p>,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Sessions,
    Tokens,
}

impl What {
    /// By the end of the path.
    fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        match request.path().rsplit('/').next() {
            Some("sessions") => Ok(Self::Sessions),
            Some("tokens") => Ok(Self::Tokens),
            _ => Err(ApiError::NotFound),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sessions => "all-sessions",
            Self::Tokens => "all-tokens",
        }
    }
}

pub(in crate::http) async fn confirm_everybody(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let what = What::of(&request)?;
    if !user.is_fresh(state.clock.now()) {
        return Ok(sign_in_again(&request));
    }
    page(&state, &EverybodyPage { frame: Frame::new(&state, &request, &user, "users"), what })
}

pub(in crate::http) async fn submit_everybody(
    state: Data<AppState>,
    request: HttpRequest,
    _: CurrentUser,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    let what = What::of(&request)?;
    let ended = match what {
        What::Sessions => end_all_sessions(state, admin).await,
        What::Tokens => delete_all_tokens(state, admin).await,
    };
    match ended {
        Ok(()) => Ok(done("/admin/users", what.name())),
        Err(ApiError::FreshLoginRequired) => Ok(sign_in_again(&request)),
        Err(error) => Err(error),
    }
}
