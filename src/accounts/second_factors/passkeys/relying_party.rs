//! The site that passkeys belong to.

use std::time::Duration;

use url::Url;
use webauthn_rs_core::WebauthnCore;

use crate::config::AllowedOrigins;

/// How long the user may take, and how long a challenge is valid.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5 * 60);

#[derive(Clone, Debug)]
pub struct RelyingParty {
    /// The host. Passkeys of another one cannot be used.
    pub id: String,
    pub name: String,
    pub own_origins: Vec<String>,
    pub other_origins: AllowedOrigins,
}

impl RelyingParty {
    /// For options, which do not depend on an origin.
    pub(super) fn core(&self) -> WebauthnCore {
        self.core_for(Vec::new())
    }

    /// For a response whose client data names this origin. It allows none if the origin is not allowed, so that every
    /// response is refused.
    pub(super) fn core_for_origin(&self, origin: &Url) -> WebauthnCore {
        let ascii = origin.origin().ascii_serialization();
        let is_allowed = self.own_origins.contains(&ascii) || self.other_origins.contains(&ascii);
        self.core_for(if is_allowed { vec![origin.clone()] } else { Vec::new() })
    }

    fn core_for(&self, origins: Vec<Url>) -> WebauthnCore {
        WebauthnCore::new_unsafe_experts_only(&self.name, &self.id, origins, TIMEOUT, Some(false), Some(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_origins_of_the_server_and_those_that_are_listed_are_allowed() {
        let site = RelyingParty {
            id: "blog.example".to_owned(),
            name: "blog.example".to_owned(),
            own_origins: vec!["https://blog.example".to_owned()],
            other_origins: AllowedOrigins::Listed(vec!["https://app.blog.example:8443".to_owned()]),
        };
        let allows =
            |origin: &str| !site.core_for_origin(&origin.parse().expect("a URL")).get_allowed_origins().is_empty();
        for allowed in ["https://blog.example", "https://blog.example:443", "https://app.blog.example:8443"] {
            assert!(allows(allowed), "{allowed}");
        }
        for refused in [
            "http://blog.example",
            "https://blog.example:8443",
            "https://app.blog.example",
            "https://evil.example",
            "https://blog.example.evil.example",
            "android:apk-key-hash:abc",
        ] {
            assert!(!allows(refused), "{refused}");
        }
    }
}
