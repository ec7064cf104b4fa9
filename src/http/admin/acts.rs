//! What an admin does to a user on a page of its own, which says what will happen.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;
use serde_json::{Map, Value};
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::{FormErrors, Frame, done, filters, page, refused, sign_in_again};
use crate::{
    db::DbConnection,
    http::{
        api::{subscription, users as api},
        error::ApiError,
        extract::{admin::Admin, body::Form, current_user::CurrentUser, fields::Fields},
        paths::console_id,
        state::AppState,
    },
    users::{self, Role, User},
};

/// Named as in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "kebab-case", const_into_str)]
enum Act {
    Details,
    Role,
    Subscription,
    EndSubscription,
    Sessions,
    Tokens,
    SecondFactors,
    Disable,
    Delete,
}

impl Act {
    /// By the end of the path.
    fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        request.path().rsplit('/').next().and_then(|name| name.parse().ok()).ok_or(ApiError::NotFound)
    }

    /// What the API also asks a fresh session for. Known beforehand, so that nobody fills in a form in vain.
    fn needs_fresh_session(self) -> bool {
        matches!(self, Self::Details | Self::Role | Self::Tokens | Self::SecondFactors | Self::Delete)
    }

    /// Whether it takes something away.
    fn is_dangerous(self) -> bool {
        !matches!(self, Self::Details | Self::Role | Self::Subscription)
    }
}

#[derive(Template)]
#[template(path = "admin/act.html")]
struct ActPage<'p> {
    frame: Frame<'p>,
    act: Act,
    user: User,
    has_mail: bool,
    username: String,
    email: String,
    until: String,
    username_error: Option<String>,
    email_error: Option<String>,
    until_error: Option<String>,
    notice: Option<String>,
}

impl<'p> ActPage<'p> {
    async fn new(
        state: &'p AppState,
        request: &HttpRequest,
        admin: &'p CurrentUser,
        act: Act,
    ) -> Result<Self, ApiError> {
        let id = console_id(request)?;
        let user = state.db.read(move |connection: &mut DbConnection| users::find(connection, id)).await?;
        let user = user.ok_or(ApiError::NotFound)?;
        Ok(Self {
            frame: Frame::new(state, request, admin, "users"),
            act,
            has_mail: state.config.mail.is_on(),
            username: user.username.clone(),
            email: user.email.clone().unwrap_or_default(),
            until: String::new(),
            username_error: None,
            email_error: None,
            until_error: None,
            notice: None,
            user,
        })
    }
}

pub(in crate::http) async fn confirm_act(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let act = Act::of(&request)?;
    let shown = ActPage::new(&state, &request, &user, act).await?;
    if act.needs_fresh_session() && !user.is_fresh(state.clock.now()) {
        return Ok(sign_in_again(&request));
    }
    page(&state, &shown)
}

pub(in crate::http) async fn submit_act(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    admin: Admin,
    body: Form,
) -> Result<HttpResponse, ApiError> {
    let (act, id) = (Act::of(&request)?, console_id(&request)?);
    let submitted = |name| body.0.submitted_text(name).unwrap_or_default().to_owned();
    let (username, email, until) = (submitted("username"), submitted("email"), submitted("until"));
    let error = match perform(&state, &request, admin, act, id, body.0).await {
        Ok(code) if act == Act::Delete => return Ok(done("/admin/users", code)),
        Ok(code) => return Ok(done(&format!("/admin/users/{id}"), code)),
        Err(ApiError::FreshLoginRequired) => return Ok(sign_in_again(&request)),
        Err(error @ (ApiError::NotFound | ApiError::Forbidden(_))) => return Err(error),
        Err(error) => error,
    };
    let (_, mut errors) = FormErrors::of(&error, &state);
    let shown = ActPage {
        username,
        email,
        until,
        username_error: errors.take("username"),
        email_error: errors.take("email"),
        until_error: errors.take("until"),
        notice: errors.rest(),
        ..ActPage::new(&state, &request, &user, act).await?
    };
    refused(&state, error, &shown)
}

/// Returns what to say afterwards.
async fn perform(
    state: &AppState,
    request: &HttpRequest,
    admin: Admin,
    act: Act,
    id: i64,
    mut fields: Fields,
) -> Result<&'static str, ApiError> {
    match act {
        Act::Details => {
            api::change_user(state, request, admin, id, new_details(&fields)).await?;
            Ok("details")
        }
        Act::Role => {
            let role = fields.text("role");
            fields.finish()?;
            let role = Map::from_iter(role.map(|role| ("role".to_owned(), Value::String(role))));
            api::change_user(state, request, admin, id, Fields::json(role)).await?;
            Ok("role")
        }
        Act::Subscription => {
            let until = fields.optional_future("until", state.clock.now());
            fields.finish()?;
            subscription::grant_subscription(state, admin, id, until).await?;
            Ok("granted")
        }
        Act::EndSubscription => subscription::end_subscription(state, admin, id).await.map(|()| "ended"),
        Act::Sessions => api::end_user_sessions(state, request, admin, id).await.map(|()| "sessions"),
        Act::Tokens => api::delete_user_tokens(state, admin, id, None).await.map(|()| "tokens"),
        Act::SecondFactors => api::reset_second_factors(state, admin, id).await.map(|()| "factors"),
        Act::Disable => {
            let disabled = Fields::query("is_active=false");
            api::change_user(state, request, admin, id, disabled).await.map(|()| "disabled")
        }
        Act::Delete => api::delete_user(state, request, admin, id).await.map(|()| "deleted"),
    }
}

/// A name that is left out stays; an address that is left blank is removed.
fn new_details(fields: &Fields) -> Fields {
    let text = |name| fields.submitted_text(name).map(str::trim).filter(|text| !text.is_empty());
    let mut changes = Map::new();
    changes.extend(text("username").map(|name| ("username".to_owned(), Value::String(name.to_owned()))));
    let email = text("email").map_or(Value::Null, |email| Value::String(email.to_owned()));
    changes.insert("email".to_owned(), email);
    Fields::json(changes)
}
