//! The response to a request that fails.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use serde_json::{Map, Value, json};

use super::ApiError;
use crate::{config::Contract, credentials::api_tokens::Scope, http::reads_headers};

impl ApiError {
    /// Formats the response according to the contract.
    pub(in crate::http) fn response(&self, contract: Contract) -> HttpResponse {
        self.response_with(self.parts(contract).0, contract)
    }

    /// The same with another status.
    pub(in crate::http) fn response_with(&self, status: StatusCode, contract: Contract) -> HttpResponse {
        let (_, code, text) = self.parts(contract);
        let mut body = self.extension();
        body.insert("error".to_owned(), json!(text));
        body.insert("code".to_owned(), json!(code));
        let mut response = HttpResponse::build(status);
        match self {
            Self::MethodNotAllowed(allow) => drop(response.insert_header((header::ALLOW, &**allow))),
            Self::PaymentRequired(hit) | Self::SubscriptionRequired(hit) | Self::AnonymousReadsUsedUp(hit) => {
                hit.meter.iter().for_each(|meter| reads_headers::insert(&mut response, meter));
            }
            Self::InvalidApiToken | Self::InvalidSessionToken | Self::InsufficientScope(_) => {
                response.insert_header((header::WWW_AUTHENTICATE, challenge(code, &text, self.needed_scope())));
            }
            _ => {}
        }
        if let Some(seconds) = self.retry_after() {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if contract == Contract::Modern {
            body.extend(problem_members(status, json!(text)));
            response.content_type("application/problem+json");
        }
        // serde_json keeps the order of the API description's keys, and so also that in which these were added. Sorted, it
        // does not depend on how an error is put together.
        body.sort_keys();
        response.json(Value::Object(body))
    }

    fn needed_scope(&self) -> Option<Scope> {
        if let Self::InsufficientScope(scope) = self { *scope } else { None }
    }

    /// The additional members of this error's body.
    fn extension(&self) -> Map<String, Value> {
        let extension = match self {
            Self::InvalidFields(errors) => json!({ "fields": errors }),
            Self::SecondFactorRequired { methods, expires_at, login_token: None } => {
                json!({ "methods": methods, "expires_at": expires_at })
            }
            Self::SecondFactorRequired { methods, expires_at, login_token: Some(token) } => {
                json!({ "methods": methods, "expires_at": expires_at, "login_token": token.0 })
            }
            Self::PaymentRequired(hit) => Value::Object(hit.members_with_meter()),
            Self::AnonymousReadsUsedUp(hit) => {
                let mut members = hit.members_with_meter();
                members.insert("anonymous".to_owned(), json!(true));
                Value::Object(members)
            }
            Self::SubscriptionRequired(hit) => Value::Object(hit.members()),
            _ => Value::Null,
        };
        match extension {
            Value::Object(keys) => keys,
            _ => Map::new(),
        }
    }
}

/// What RFC 9457, section 3.1, adds to an error.
pub(in crate::http) fn problem_members(status: StatusCode, detail: Value) -> [(String, Value); 4] {
    [
        ("type", json!("about:blank")),
        ("title", json!(status.canonical_reason())),
        ("status", json!(status.as_u16())),
        ("detail", detail),
    ]
    .map(|(name, value)| (name.to_owned(), value))
}

/// Tells a program with a token what is wrong with it (RFC 6750, section 3).
fn challenge(code: &str, text: &str, needed: Option<Scope>) -> String {
    let scope = needed.map(|scope| format!(", scope=\"{}\"", scope.into_str())).unwrap_or_default();
    format!("Bearer error=\"{code}\", error_description=\"{text}\"{scope}")
}
