//! Assigns the message of an error to the form field it belongs to.

use actix_web::{HttpRequest, http::StatusCode};

use super::{Site, localized::Localized};
use crate::http::{
    error::{ApiError, FieldErrors},
    extract::fields::Fields,
    state::AppState,
};

/// Why signing in with a provider, or linking an account there, failed, as the address of a page may say.
const PROVIDER_CODES: [&str; 9] = [
    "login_expired",
    "access_denied",
    "provider_error",
    "provider_unavailable",
    "sign_in_to_link",
    "identity_taken",
    "account_disabled",
    "registration_closed",
    "too_many_requests",
];

/// The messages of a page about an error.
#[derive(Debug, Default)]
pub(in crate::http) struct FormErrors {
    fields: FieldErrors,
    /// A message that belongs to no field.
    notice: Option<String>,
}

impl FormErrors {
    /// Returns the status and the messages for an error.
    pub(in crate::http) fn of(error: &ApiError, state: &AppState) -> (StatusCode, Self) {
        let (site, (status, code, text)) = (&state.site, error.parts(state.config.server.contract));
        let field = match code {
            "user_not_found" | "username_taken" => Some("username"),
            "incorrect_password" => Some("password"),
            "incorrect_code" => Some("code"),
            "email_taken" => Some("email"),
            _ => None,
        };
        let errors = match (error, field) {
            (ApiError::InvalidFields(fields), _) => {
                let sentence = |error: &str| site.texts.rule(&format!("This {error}."));
                let fields = fields.iter().map(|(name, error)| (name.clone(), sentence(error)));
                Self { fields: fields.collect(), notice: None }
            }
            (_, Some(field)) => {
                Self { fields: FieldErrors::from([(field.into(), sentence(site, code, &text))]), notice: None }
            }
            (ApiError::TooManyRequests(wait), _) => {
                let minutes = wait.as_secs().div_ceil(60).max(1);
                let text = Localized::new(&site.texts, "error-too_many_requests").with("minutes", minutes.to_string());
                Self::general(text.plain())
            }
            _ => Self::general(sentence(site, code, &text)),
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

/// What the page says of an error: in English, if it is none that readers meet.
fn sentence(site: &Site, code: &str, text: &str) -> String {
    let id = format!("error-{code}");
    if site.texts.has(&id) {
        return site.texts.get(&id);
    }
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// The sentence for the code in the address. Any other code says nothing: what a page shows must not come from a link.
pub(super) fn provider_error(site: &Site, code: &str) -> Option<String> {
    PROVIDER_CODES.contains(&code).then(|| site.texts.get(&format!("provider-{code}")))
}

/// Returns the token, or what the page says if the link has none: part of it was lost on the way.
pub(super) fn token_of_link(request: &HttpRequest, site: &Site) -> Result<String, String> {
    match Fields::query(request.query_string()).submitted_text("token") {
        Some(token) if !token.is_empty() => Ok(token.to_owned()),
        _ => Err(site.texts.get("error-invalid_token")),
    }
}
