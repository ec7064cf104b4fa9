//! Assigns the message of an error to the form field it belongs to.

use actix_web::{HttpRequest, http::StatusCode};

use crate::{
    config::Contract,
    http::{
        error::{ApiError, FieldErrors},
        extract::fields::Fields,
    },
};

/// The messages of a page about an error.
#[derive(Debug, Default)]
pub(in crate::http) struct FormErrors {
    fields: FieldErrors,
    /// A message that belongs to no field.
    notice: Option<String>,
}

impl FormErrors {
    /// Returns the status and the messages for an error.
    pub(in crate::http) fn of(error: &ApiError, contract: Contract) -> (StatusCode, Self) {
        let (status, code, text) = error.parts(contract);
        let field = match code {
            "user_not_found" | "username_taken" => Some("username"),
            "incorrect_password" => Some("password"),
            "incorrect_code" => Some("code"),
            "email_taken" => Some("email"),
            _ => None,
        };
        let errors = match (error, field) {
            (ApiError::InvalidFields(fields), _) => {
                let fields = fields.iter().map(|(name, error)| (name.clone(), format!("This {error}.")));
                Self { fields: fields.collect(), notice: None }
            }
            (_, Some(field)) => Self { fields: FieldErrors::from([(field.into(), sentence(&text))]), notice: None },
            (ApiError::TooManyRequests(wait), _) => {
                let minutes = wait.as_secs().div_ceil(60).max(1);
                Self::general(format!("Too many attempts. Wait {minutes} min and try again."))
            }
            _ => Self::general(sentence(&text)),
        };
        (status, errors)
    }

    fn general(notice: String) -> Self {
        Self { fields: FieldErrors::new(), notice: Some(notice) }
    }

    /// The message that is left after the fields of the form have been taken.
    pub(in crate::http) fn rest(self) -> Option<String> {
        self.notice.or_else(|| self.fields.into_iter().next().map(|(name, error)| format!("{name}: {error}")))
    }

    /// Takes the message that belongs to no field.
    pub(in crate::http) fn take_notice(&mut self) -> Option<String> {
        self.notice.take()
    }

    /// The message of a field.
    pub(in crate::http) fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// Takes the message of a field.
    pub(in crate::http) fn take(&mut self, name: &str) -> Option<String> {
        self.fields.remove(name)
    }
}

pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// Returns the token, or what the page says if the link has none: part of it was lost on the way.
pub(super) fn token_of_link(request: &HttpRequest) -> Result<String, String> {
    match Fields::query(request.query_string()).submitted_text("token") {
        Some(token) if !token.is_empty() => Ok(token.to_owned()),
        _ => Err(sentence(&ApiError::InvalidToken.to_string())),
    }
}
