//! `/login/email` and `/login/email/confirm`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde_json::{Value, json};

use super::{
    login::{finish_first_step, trust_token},
    user::SignedInBody,
};
use crate::{
    accounts::{EmailLogin, EmailProof, EmailRequest},
    base::{client::Client, email::Email},
    credentials::sessions::Transport,
    http::{
        error::ApiError,
        extract::{body::Json, fields::Fields},
        login_cookies,
        pages::Next,
        state::AppState,
    },
};

pub(in crate::http) async fn request(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Accepted().json(send_message(&state, &request, client, body.0).await?))
}

/// Sends a message to the submitted address, and returns the body of the response. It is the same for any address.
pub(in crate::http) async fn send_message(
    state: &AppState,
    request: &HttpRequest,
    client: Client,
    mut fields: Fields,
) -> Result<Value, ApiError> {
    let email = fields.text("email").and_then(|text| fields.check("email", Email::parse(&text)));
    let next = fields.optional_text("next").map(|next| Next::parse(Some(&next)).as_str().to_owned());
    let (stay_signed_in, transport) = (fields.flag("stay_signed_in"), fields.transport());
    fields.finish()?;
    let email = email.ok_or_else(ApiError::missing_field)?;
    let asked = EmailRequest { email, stay_signed_in, next: next.filter(|next| next != "/") };
    let token = state.accounts.request_email_login(asked, client, state.clock.now()).await?;
    Ok(match transport {
        Transport::Cookie => {
            login_cookies::set_email(request, state, &token);
            json!({})
        }
        Transport::Bearer => json!({ "request_token": token }),
    })
}

pub(in crate::http) async fn confirm(
    state: Data<AppState>,
    request: HttpRequest,
    client: Client,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(sign_in(&state, &request, client, body.0).await?))
}

/// Signs in with the submitted link or code. The browser's previous session, if any, ends.
pub(in crate::http) async fn sign_in(
    state: &AppState,
    request: &HttpRequest,
    client: Client,
    fields: Fields,
) -> Result<SignedInBody<'static>, ApiError> {
    let login = parse(fields, request, state)?;
    let transport = login.browser.transport;
    let outcome = state.accounts.log_in_by_email(state.seeds.clone(), login, client, state.clock.now()).await;
    if let Some(metrics) = &state.requests {
        metrics.count_email_login(&outcome);
    }
    let outcome = outcome?;
    if transport == Transport::Cookie {
        login_cookies::clear_email(request, state);
    }
    finish_first_step(request, state, transport, outcome).await
}

fn parse(mut fields: Fields, request: &HttpRequest, state: &AppState) -> Result<EmailLogin, ApiError> {
    let transport = fields.transport();
    let request_token = fields.optional_text("request_token");
    let proof = match fields.optional_text("token") {
        Some(token) => Some(EmailProof::Link(token)),
        None => {
            let email = fields.text("email").and_then(|text| fields.check("email", Email::parse(&text)));
            let code = fields.text("code");
            email.zip(code).map(|(email, code)| {
                let holder = match transport {
                    Transport::Cookie => login_cookies::email(request, state),
                    Transport::Bearer => request_token,
                };
                // Without the token of the request, no code is right.
                let holder = holder.unwrap_or_default();
                EmailProof::Code { email, code: code.split_whitespace().collect(), holder }
            })
        }
    };
    fields.finish()?;
    let proof = proof.ok_or_else(ApiError::missing_field)?;
    let trust_token = trust_token(request, state, transport);
    Ok(EmailLogin { proof, browser: login_cookies::browser(request, state, transport), trust_token })
}
