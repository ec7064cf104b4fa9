//! The page for the second step of a login.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{Next, error_page, form_errors::FormErrors, localized::filters, page, see_other};
use crate::{
    accounts::{AccountError, second_factors::Method},
    base::client::Client,
    http::{
        api::second_factors::complete_login,
        error::ApiError,
        extract::{body::FormOrJson, fields::Fields},
        login_cookies,
        state::AppState,
    },
};

#[derive(Template)]
#[template(path = "second_factor.html")]
struct SecondFactorPage {
    next: Next,
    /// `None` if the user has a passkey only.
    method: Option<Method>,
    /// Another method with codes that the user has too.
    other: Option<Method>,
    has_passkey: bool,
    trust_browser: bool,
    code_error: Option<String>,
    notice: Option<String>,
}

impl SecondFactorPage {
    /// The page for a method with codes, or for the first one that the user has.
    fn new(next: Next, wanted: Option<&str>, methods: &[Method]) -> Self {
        let codes = || methods.iter().copied().filter(|method| *method != Method::Passkey);
        let method = codes().find(|method| Some(method.into_str()) == wanted).or(codes().next());
        // Empty if the methods could not be read.
        let method = method.or(methods.is_empty().then_some(Method::Totp));
        let other = codes().find(|other| Some(*other) != method);
        let has_passkey = methods.contains(&Method::Passkey);
        Self { next, method, other, has_passkey, trust_browser: false, code_error: None, notice: None }
    }
}

/// Shows the form, or redirects to the login page if no login is pending.
pub(in crate::http) async fn show_second_factor(
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let query = Fields::query(request.query_string());
    let next = Next::parse(query.submitted_text("next"));
    match methods(&state, &request).await {
        Ok(methods) => page(&state.site, &SecondFactorPage::new(next, query.submitted_text("method"), &methods)),
        Err(AccountError::LoginExpired) => Ok(see_other(&next.after("/login"))),
        Err(error) => Err(error.into()),
    }
}

/// Completes the login and redirects to `next`, or shows the form again with the errors.
pub(in crate::http) async fn submit_second_factor(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
    body: Result<FormOrJson, ApiError>,
) -> HttpResponse {
    let (mut form, outcome) = match body {
        Ok(FormOrJson(fields)) => {
            let next = Next::parse(fields.submitted_text("next"));
            // If they cannot be read, neither can the login, whose error is shown.
            let methods = methods(&state, &request).await.unwrap_or_default();
            let form = SecondFactorPage::new(next, fields.submitted_text("method"), &methods);
            let form = SecondFactorPage { trust_browser: fields.submitted_text("trust_browser").is_some(), ..form };
            (form, complete_login(&state, &request, client, fields).await)
        }
        Err(error) => (SecondFactorPage::new(Next::parse(None), None, &[]), Err(error)),
    };
    let error = match outcome {
        Ok(_) => return see_other(form.next.as_str()),
        Err(ApiError::LoginExpired) => return see_other(&format!("{}&expired=on", form.next.after("/login"))),
        Err(error) => error,
    };
    let (status, mut errors) = FormErrors::of(&error, &state);
    form.code_error = errors.take("code");
    form.notice = errors.rest();
    error_page(&state.site, error, status, &form)
}

async fn methods(state: &AppState, request: &HttpRequest) -> Result<Vec<Method>, AccountError> {
    let token = login_cookies::pending(request, state).ok_or(AccountError::LoginExpired)?;
    state.accounts.pending_methods(state.seeds.clone(), token, state.clock.now()).await
}
