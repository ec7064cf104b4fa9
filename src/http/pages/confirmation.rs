//! How a user confirms a change on the pages of the account, once the session is no longer fresh.

use actix_web::HttpRequest;

use super::form_errors::FormErrors;
use crate::http::{
    error::ApiError,
    extract::{current_user::CurrentUser, fields::Fields},
    state::AppState,
};

/// What the forms ask for.
pub(super) struct Confirmation {
    asked: Asked,
    pub(super) has_password: bool,
    /// Where the message with a code goes.
    pub(super) email: Option<Box<str>>,
    pub(super) is_sent: bool,
    /// What is wrong with what was entered.
    pub(super) error: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Nothing,
    Password,
    /// A code that is mailed, for an account without a password.
    Code,
    /// Neither can be had: only a new sign-in helps.
    SignIn,
}

impl Confirmation {
    pub(super) async fn new(state: &AppState, request: &HttpRequest, user: &CurrentUser) -> Result<Self, ApiError> {
        let has_password = state.accounts.has_password(user).await?;
        let email = user.email.clone().filter(|_| user.email_verified && state.config.mail.sign_in);
        let asked = match &email {
            _ if user.is_fresh(state.clock.now()) => Asked::Nothing,
            _ if has_password => Asked::Password,
            Some(_) => Asked::Code,
            None => Asked::SignIn,
        };
        let is_sent = Fields::query(request.query_string()).submitted_text("code") == Some("sent");
        Ok(Self { asked, has_password, email, is_sent, error: None })
    }

    /// Shows what was wrong with the confirmation of a form.
    pub(super) fn with_error_of(self, errors: &mut FormErrors) -> Self {
        let names = ["password", "current_password", "confirmation_code", "code"];
        Self { error: names.into_iter().find_map(|name| errors.take(name)), ..self }
    }

    /// For changes that ask for the password even if the session is fresh.
    pub(super) fn needs_password(&self, is_strict: bool) -> bool {
        self.asked == Asked::Password || (is_strict && self.has_password)
    }

    pub(super) fn needs_code(&self) -> bool {
        self.asked == Asked::Code
    }

    pub(super) fn needs_sign_in(&self) -> bool {
        self.asked == Asked::SignIn
    }
}
