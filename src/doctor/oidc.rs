//! Checks whether people can sign in with OpenID Connect providers.

use std::time::Duration;

use super::{Finding, error, warning};
use crate::{
    base::clock::{Clock, Timestamp},
    config::{Config, Effective, OidcProvider, is_local_origin},
    openid::{Provider, Providers, secret_expiry},
};

/// Clocks may differ by this much: id tokens are valid for longer.
const MAX_SKEW: Duration = Duration::from_secs(60);

/// How long before the end of a secret the operator is told.
const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

pub(super) async fn examine(config: &Config, settings: &[Effective]) -> Vec<Finding> {
    let mut findings = unlisted(config, settings);
    let now = Clock::system().now();
    findings.extend(redirect(config));
    findings.extend(config.oidc.iter().filter_map(|provider| expiry(provider, now)));
    match Providers::new(&config.oidc, &config.server, &Clock::system()) {
        Ok(providers) => {
            for provider in providers.iter() {
                findings.extend(ask(provider).await);
            }
        }
        Err(cause) => findings.push(error("OIDC_PROVIDERS", cause.to_string())),
    }
    findings
}

/// Reads what the provider publishes, as the first sign-in would, and compares the clocks.
async fn ask(provider: &Provider) -> Option<Finding> {
    let name = format!("OIDC_{}_ISSUER", provider.name().to_ascii_uppercase());
    match provider.check().await {
        Err(cause) => Some(error(&name, format!("cannot be used: {cause}"))),
        Ok(skew) => skew.filter(|skew| *skew > MAX_SKEW).map(|skew| {
            let seconds = skew.as_secs();
            let text = format!(
                "has a clock that differs by {seconds} s from this machine's: id tokens may seem to have expired. Synchronize \
                 the clock"
            );
            warning(&name, text)
        }),
    }
}

fn redirect(config: &Config) -> Option<Finding> {
    if config.oidc.is_empty() {
        return None;
    }
    config.server.exposed_by()?;
    let origin = config.server.origin();
    let text = if is_local_origin(&origin) {
        format!("is not set: providers would send people back to {origin}, their own machine")
    } else if origin.starts_with("http:") {
        "is plain HTTP: most providers send nobody back to such an address".to_owned()
    } else {
        return None;
    };
    Some(warning("PUBLIC_URL", text))
}

/// Apple's secrets are JWTs, which say when they expire.
fn expiry(provider: &OidcProvider, now: Timestamp) -> Option<Finding> {
    let expires_at = secret_expiry(provider.client_secret.as_ref()?)?;
    let name = format!("OIDC_{}_CLIENT_SECRET", provider.name.to_ascii_uppercase());
    if expires_at <= now {
        return Some(error(&name, format!("has expired on {expires_at}: sign a new one")));
    }
    let ends_soon = expires_at <= now.after(MONTH);
    ends_soon.then(|| warning(&name, format!("expires on {expires_at}: sign a new one")))
}

/// Settings of providers that `OIDC_PROVIDERS` does not list.
fn unlisted(config: &Config, settings: &[Effective]) -> Vec<Finding> {
    let is_listed = |name: &str| {
        let of = |provider: &OidcProvider| name.starts_with(&format!("OIDC_{}_", provider.name.to_ascii_uppercase()));
        name == "OIDC_PROVIDERS" || config.oidc.iter().any(of)
    };
    let names = settings.iter().map(|setting| setting.name.as_str()).filter(|name| name.starts_with("OIDC_"));
    let text = "has no effect, because OIDC_PROVIDERS does not list its provider";
    names.filter(|name| !is_listed(name)).map(|name| warning(name, text)).collect()
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

    use super::*;
    use crate::doctor::tests::{config, settings};

    const GOOGLE: [(&str, &str); 2] = [("OIDC_PROVIDERS", "google"), ("OIDC_GOOGLE_CLIENT_ID", "g")];

    #[test]
    fn a_redirect_address_that_leads_nowhere_is_reported_on_a_public_server() {
        let of = |values: &[(&str, &str)]| settings(redirect(&config(&[&GOOGLE[..], values].concat())));
        let found = [("PUBLIC_URL".to_owned(), false)];
        assert_eq!(of(&[]), []);
        assert_eq!(of(&[("TRUSTED_PROXIES", "127.0.0.1")]), found);
        assert_eq!(of(&[("PUBLIC_URL", "http://blog.example")]), found);
        assert_eq!(of(&[("PUBLIC_URL", "https://blog.example")]), []);
        assert_eq!(settings(redirect(&config(&[("TRUSTED_PROXIES", "127.0.0.1")]))), []);
    }

    #[test]
    fn a_secret_that_expires_is_reported_a_month_ahead() {
        let now = Timestamp::from_seconds(1_795_255_200);
        let of = |text: &str| {
            let config = config(&[&GOOGLE[..], &[("OIDC_GOOGLE_CLIENT_SECRET", text)]].concat());
            settings(config.oidc.iter().filter_map(|provider| expiry(provider, now)))
        };
        let jwt = |exp: i64| format!("e30.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(format!("{{\"exp\":{exp}}}")));
        let day = 24 * 60 * 60;
        assert_eq!(of(&jwt(1_795_255_200 + 31 * day)), []);
        assert_eq!(of(&jwt(1_795_255_200 + 29 * day)), [("OIDC_GOOGLE_CLIENT_SECRET".to_owned(), false)]);
        assert_eq!(of(&jwt(1_795_255_200)), [("OIDC_GOOGLE_CLIENT_SECRET".to_owned(), true)]);
        for other in ["GOCSPX-abc", "a.b.c", "e30.e30.e30"] {
            assert_eq!(of(other), [], "{other}");
        }
    }

    #[tokio::test]
    async fn a_provider_that_does_not_answer_is_an_error() {
        let values =
            [("OIDC_PROVIDERS", "sso"), ("OIDC_SSO_CLIENT_ID", "s"), ("OIDC_SSO_ISSUER", "http://127.0.0.1:1")];
        let findings = examine(&config(&values), &[]).await;
        let text = findings.first().map(|finding| finding.text.clone()).unwrap_or_default();
        assert!(text.starts_with("cannot be used: the provider is unavailable: "), "{text}");
        assert_eq!(settings(findings), [("OIDC_SSO_ISSUER".to_owned(), true)]);
        assert_eq!(settings(examine(&config(&[]), &[]).await), []);
    }
}
