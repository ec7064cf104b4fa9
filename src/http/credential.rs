//! What authenticates a request: a session, whose token is in a cookie or in a header, or an API token.
//!
//! The gate attaches it to the request. Handlers do not see it; their extractors decide whether it suffices.

use std::sync::Arc;

use actix_web::http::header::{self, HeaderMap};

use super::{access::Access, error::ApiError, paths};
use crate::{
    base::clock::Timestamp,
    credentials::{
        api_tokens::{self, PREFIX, Scope, TokenPrincipal},
        sessions::{self, Principal, is_bearer_token},
    },
    db::{DbConnection, DbError},
    users::{Role, User, identity::Identity},
};

#[derive(Clone, Debug)]
pub(super) enum Credential {
    Session(Arc<Principal>),
    Token(Arc<TokenPrincipal>),
}

impl Credential {
    pub(super) fn user(&self) -> &Identity {
        match self {
            Self::Session(principal) => &principal.user,
            Self::Token(principal) => &principal.user,
        }
    }

    /// Whether it allows what needs `scope` of a token. A session has no scopes: it allows what its user may do.
    pub(super) fn allows(&self, scope: Scope) -> bool {
        match self {
            Self::Session(_) => true,
            Self::Token(principal) => principal.token.scopes.allow(scope),
        }
    }

    /// Whether it allows what only admins may do.
    pub(super) fn is_admin(&self) -> bool {
        self.role() == Role::Admin
    }

    /// Whether it allows what editors may do.
    pub(super) fn is_editor(&self) -> bool {
        self.role().is_editor()
    }

    /// The role whose rights it has: an API token without the scope `admin` has those of a regular user.
    pub(super) fn role(&self) -> Role {
        if self.allows(Scope::Admin) { self.user().role } else { Role::User }
    }

    pub(super) fn id(&self) -> CredentialId {
        match self {
            Self::Session(principal) => CredentialId::Session(principal.session_id),
            Self::Token(principal) => CredentialId::Token(principal.token.id),
        }
    }
}

/// Identifies a credential, so that it can be checked again later. Not a secret.
#[derive(Clone, Copy, Debug)]
pub(super) enum CredentialId {
    Session(i64),
    Token(i64),
}

impl CredentialId {
    /// The user as of now.
    ///
    /// # Errors
    /// The credential has ended since the request was authenticated.
    pub(super) fn live_user(self, connection: &mut DbConnection, now: Timestamp) -> Result<User, ApiError> {
        let found: Result<_, DbError> = match self {
            Self::Session(id) => sessions::find_live_user(connection, id, now),
            Self::Token(id) => api_tokens::find_live_user(connection, id, now),
        };
        found?.ok_or(match self {
            Self::Session(_) => ApiError::LoginRequired,
            Self::Token(_) => ApiError::InvalidApiToken,
        })
    }
}

/// The token in the `Authorization` header of a request.
#[derive(PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(super) enum Bearer {
    /// The request authenticates itself with a cookie, if at all.
    Absent,
    /// A secret.
    Token(Box<str>),
    /// The header occurs more than once, or is not text.
    Malformed,
}

impl Bearer {
    /// Reads the header (RFC 6750, section 2.1). Other schemes are ignored, because a proxy in front may use `Basic` for
    /// itself. At `/forward-auth`, so are tokens without the prefix, which belong to the application behind the proxy. On
    /// paths that need no credential, the header is ignored.
    pub(super) fn of(headers: &HeaderMap, path: &str, access: Access) -> Self {
        if !headers.contains_key(header::AUTHORIZATION) || !access.takes_credential() {
            return Self::Absent;
        }
        let mut values = headers.get_all(header::AUTHORIZATION).map(|value| value.as_bytes());
        let is_ours = |value: &[u8]| is_bearer(value) && (path != paths::FORWARD_AUTH || has_prefix(value));
        if !values.clone().any(is_ours) {
            return Self::Absent;
        }
        match (values.next().map(str::from_utf8), values.next()) {
            (Some(Ok(value)), None) => {
                Self::Token(value.split_once(' ').map_or("", |(_, token)| token.trim_matches(' ')).into())
            }
            _ => Self::Malformed,
        }
    }
}

fn is_bearer(value: &[u8]) -> bool {
    let scheme = value.split(|byte| *byte == b' ').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case(b"bearer")
}

fn has_prefix(value: &[u8]) -> bool {
    let token = value.splitn(2, |byte| *byte == b' ').nth(1).unwrap_or_default();
    let token = str::from_utf8(token.trim_ascii_start()).unwrap_or_default();
    token.starts_with(PREFIX) || is_bearer_token(token)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn read(values: &[&'static str], path: &str) -> String {
        let request = values
            .iter()
            .fold(TestRequest::with_uri(path), |request, value| request.append_header((header::AUTHORIZATION, *value)));
        format!("{:?}", Bearer::of(request.to_http_request().headers(), path, Access::Users))
    }

    #[test]
    fn a_token_is_read_whatever_the_case_of_its_scheme() {
        for value in ["Bearer tgt_a", "bearer tgt_a", "BEARER  tgt_a "] {
            assert_eq!(read(&[value], "/meter"), "Token(\"tgt_a\")", "{value}");
        }
        assert_eq!(read(&["Bearer"], "/meter"), "Token(\"\")");
    }

    #[test]
    fn other_schemes_are_ignored() {
        for values in [&[][..], &["Basic YTpi"], &["tgt_a"], &["Bearerx tgt_a"], &[""], &["Basic a", "Digest b"]] {
            assert_eq!(read(values, "/meter"), "Absent", "{values:?}");
        }
    }

    #[test]
    fn an_application_behind_forward_auth_may_have_tokens_of_its_own() {
        assert_eq!(read(&["Bearer eyJhbGciOi"], paths::FORWARD_AUTH), "Absent");
        assert_eq!(read(&["Bearer  tgt_a"], paths::FORWARD_AUTH), "Token(\"tgt_a\")");
        assert_eq!(read(&["Bearer tgs_a"], paths::FORWARD_AUTH), "Token(\"tgs_a\")");
    }

    #[test]
    fn several_headers_are_not_guessed_at() {
        assert_eq!(read(&["Bearer tgt_a", "Bearer tgt_a"], "/meter"), "Malformed");
        assert_eq!(read(&["Basic YTpi", "Bearer tgt_a"], "/meter"), "Malformed");
    }
}
