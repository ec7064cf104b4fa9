//! The page on which admins sign in again, for what needs a session that is fresh.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;
use serde_json::{Map, Value};

use super::{FormErrors, Frame, filters, page, refused};
use crate::{
    base::client::Client,
    http::{
        api::login::{sign_in, sign_out},
        error::ApiError,
        extract::{body::Form, current_user::CurrentUser, fields::Fields},
        navigation,
        pages::{Next, see_other},
        state::AppState,
    },
};

#[derive(Template)]
#[template(path = "admin/sign_in.html")]
struct SignInPage<'p> {
    frame: Frame<'p>,
    next: Next,
    has_password: bool,
    password_error: Option<String>,
    notice: Option<String>,
}

pub(in crate::http) async fn show_sign_in(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    let next = next(&Fields::query(request.query_string()));
    if user.is_fresh(state.clock.now()) {
        return Ok(see_other(next.as_str()));
    }
    let (has_password, frame) = (state.accounts.has_password(&user).await?, Frame::new(&state, &request, &user, ""));
    page(&state, &SignInPage { frame, next, has_password, password_error: None, notice: None })
}

/// Signs in as the same user again, which replaces the session; or signs out, for users who sign in in another way.
pub(in crate::http) async fn submit_sign_in(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
    body: Form,
) -> Result<HttpResponse, ApiError> {
    let Form(fields) = body;
    let next = next(&fields);
    if fields.submitted_text("action") == Some("other") {
        sign_out(&state, &request, &user, client).await?;
        return Ok(see_other(&navigation::login_then(Some(next.as_str()))));
    }
    let text = |text: &str| Value::String(text.to_owned());
    let mut login = Map::from_iter([
        ("username".to_owned(), text(&user.username)),
        ("stay_signed_in".to_owned(), Value::Bool(user.stay_signed_in)),
    ]);
    login.extend(fields.submitted_text("password").map(|password| ("password".to_owned(), text(password))));
    let error = match sign_in(&state, &request, client, Fields::json(login)).await {
        Ok(_) => return Ok(see_other(next.as_str())),
        Err(ApiError::SecondFactorRequired { .. }) => return Ok(see_other(&next.after("/login/second-factor"))),
        Err(error) => error,
    };
    let (_, mut errors) = FormErrors::of(&error, &state);
    let password_error = errors.take("password");
    let frame = Frame::new(&state, &request, &user, "");
    refused(&state, error, &SignInPage { frame, next, has_password: true, password_error, notice: errors.rest() })
}

/// A page of the console.
fn next(fields: &Fields) -> Next {
    let next = Next::parse(fields.submitted_text("next"));
    if next.as_str() == "/" { Next::parse(Some("/admin")) } else { next }
}
