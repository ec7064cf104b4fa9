//! Settings of signing in with OpenID Connect. Those of a provider have its name in theirs.

use std::fmt;

use super::{
    environment::Settings,
    server::{PUBLIC_URL, ServerConfig},
    setting::{Definition, Form, OfEach, Optional, Secret},
    values::{ISSUER, client_text, oidc_scopes, provider_label, provider_names},
};

/// A provider that people sign in with.
#[derive(Clone, Debug)]
pub struct OidcProvider {
    /// In addresses of this server: lower-case letters and digits.
    pub name: String,
    /// On buttons.
    pub label: String,
    /// Exactly as the provider writes it.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Option<ClientSecret>,
    pub scopes: Vec<String>,
}

/// The secret that the provider has issued. Its `Debug` output does not contain it.
#[derive(Clone)]
pub struct ClientSecret(String);

impl ClientSecret {
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(…)")
    }
}

/// A provider that needs no issuer.
struct Preset {
    name: &'static str,
    label: &'static str,
    issuer: &'static str,
    scopes: &'static str,
}

const SCOPES: &str = "openid email profile";

/// Microsoft's is the issuer of personal accounts. The issuer of an organization's accounts has its id in the address.
const PRESETS: [Preset; 4] = [
    Preset { name: "google", label: "Google", issuer: "https://accounts.google.com", scopes: SCOPES },
    Preset {
        name: "microsoft",
        label: "Microsoft",
        issuer: "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        scopes: SCOPES,
    },
    // It knows no `profile`, and rejects what it does not know.
    Preset { name: "apple", label: "Apple", issuer: "https://appleid.apple.com", scopes: "openid email" },
    Preset { name: "gitlab", label: "GitLab", issuer: "https://gitlab.com", scopes: SCOPES },
];

/// Reads the providers, in the order in which their buttons are shown.
pub(super) fn read(settings: &mut Settings, server: &ServerConfig) -> Vec<OidcProvider> {
    let names = OIDC_PROVIDERS.read(settings).unwrap_or_default();
    if !names.is_empty()
        && !server.is_loopback()
        && server.public_origin.is_none()
        && settings.get(PUBLIC_URL.name).is_none()
    {
        settings.error(PUBLIC_URL.name, "must be set because OIDC_PROVIDERS is: providers send people back to it");
    }
    names.into_iter().filter_map(|name| provider(settings, name)).collect()
}

fn provider(settings: &mut Settings, name: String) -> Option<OidcProvider> {
    let preset = PRESETS.iter().find(|preset| preset.name == name);
    let issuer = OIDC_ISSUER.read(settings, &name);
    if preset.is_none() {
        OIDC_ISSUER.require(settings, &name);
    }
    OIDC_CLIENT_ID.require(settings, &name);
    let (client_id, client_secret) = (OIDC_CLIENT_ID.read(settings, &name), OIDC_CLIENT_SECRET.read(settings, &name));
    let (label, scopes) = (OIDC_LABEL.read(settings, &name), OIDC_SCOPES.read(settings, &name));
    let default_scopes = preset.map_or(SCOPES, |preset| preset.scopes);
    Some(OidcProvider {
        label: label.unwrap_or_else(|| preset.map_or_else(|| name.clone(), |preset| preset.label.to_owned())),
        issuer: issuer.or_else(|| preset.map(|preset| preset.issuer.to_owned()))?,
        client_id: client_id?,
        client_secret: client_secret.map(ClientSecret),
        scopes: scopes.unwrap_or_else(|| default_scopes.split(' ').map(str::to_owned).collect()),
        name,
    })
}

pub(super) const ALL: &[&dyn Definition] =
    &[&OIDC_PROVIDERS, &OIDC_ISSUER, &OIDC_CLIENT_ID, &OIDC_CLIENT_SECRET, &OIDC_LABEL, &OIDC_SCOPES];

pub(crate) const OIDC_PROVIDERS: Optional<Vec<String>> = Optional {
    name: "OIDC_PROVIDERS",
    about: "The providers that people can sign in with, in the order of their buttons. `google`, `microsoft`, `apple` and \
            `gitlab` need only a client id and a secret. For each provider, `<NAME>` in the settings below is its name in \
            upper case, as in `OIDC_GOOGLE_CLIENT_ID`. Register `<PUBLIC_URL>/login/oidc/<name>/callback` with it as the \
            redirect address.",
    values: &Form {
        description: "a comma-separated list of names of lower-case letters and digits, such as google, keycloak",
        parse: provider_names,
    },
    unset: "none",
};

pub(crate) const OIDC_ISSUER: OfEach<String> = OfEach {
    name: "OIDC_<NAME>_ISSUER",
    about: "The issuer of the provider, exactly as it writes it. Addresses in private networks are refused unless they are \
            those of an issuer. For accounts of an organization at Microsoft, set \
            `https://login.microsoftonline.com/<tenant id>/v2.0`.",
    values: &ISSUER,
    unset: "required, except for `google`, `microsoft` (personal accounts), `apple` and `gitlab` (gitlab.com)",
};

pub(crate) const OIDC_CLIENT_ID: OfEach<String> = OfEach {
    name: "OIDC_<NAME>_CLIENT_ID",
    about: "The id under which the provider knows this server.",
    values: &Form { description: "the client id from the provider", parse: client_text },
    unset: "required",
};

pub(crate) const OIDC_CLIENT_SECRET: OfEach<String> = OfEach {
    name: "OIDC_<NAME>_CLIENT_SECRET",
    about: "The secret that the provider has issued. Apple's is a JWT that you sign yourself and renew every six months; \
            `tollgate doctor` tells when it expires.",
    values: &Secret(Form { description: "the client secret from the provider", parse: client_text }),
    unset: "none, for a public client; PKCE is used in any case",
};

pub(crate) const OIDC_LABEL: OfEach<String> = OfEach {
    name: "OIDC_<NAME>_LABEL",
    about: "The name of the provider on its button.",
    values: &Form { description: "a line of at most 40 characters", parse: provider_label },
    unset: "the provider's own name, or the name in `OIDC_PROVIDERS`",
};

pub(crate) const OIDC_SCOPES: OfEach<Vec<String>> = OfEach {
    name: "OIDC_<NAME>_SCOPES",
    about: "What the provider is asked for. Without `email`, accounts are made without an address.",
    values: &Form { description: "scopes separated by spaces, among them openid", parse: oidc_scopes },
    unset: "`openid email profile`; for `apple`, `openid email`",
};

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn parse(values: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::from_values(values.collect()).map_err(|error| error.0)
    }

    #[test]
    fn presets_need_no_issuer_and_others_do() {
        let config = parse(&[
            ("OIDC_PROVIDERS", "google, apple,sso1"),
            ("OIDC_GOOGLE_CLIENT_ID", "g"),
            ("OIDC_GOOGLE_CLIENT_SECRET", "hunter22"),
            ("OIDC_APPLE_CLIENT_ID", "a"),
            ("OIDC_SSO1_CLIENT_ID", "s"),
            ("OIDC_SSO1_ISSUER", "http://127.0.0.1:9000/"),
            ("OIDC_SSO1_LABEL", "Work"),
            ("OIDC_SSO1_SCOPES", "openid groups"),
        ]);
        let config = config.expect("valid");
        let providers = config.oidc.iter().map(|it| (&*it.name, &*it.label, &*it.issuer, it.scopes.join(" ")));
        let expected = [
            ("google", "Google", "https://accounts.google.com", "openid email profile".to_owned()),
            ("apple", "Apple", "https://appleid.apple.com", "openid email".to_owned()),
            ("sso1", "Work", "http://127.0.0.1:9000/", "openid groups".to_owned()),
        ];
        assert_eq!(providers.collect::<Vec<_>>(), expected);
        assert!(!format!("{config:?}").contains("hunter22"));
    }

    #[test]
    fn all_that_is_wrong_is_reported_together() {
        let errors = parse(&[
            ("OIDC_PROVIDERS", "google,sso,work"),
            ("OIDC_SSO_ISSUER", "http://sso.example"),
            ("OIDC_SSO_CLIENT_ID", "a\tb"),
            ("OIDC_SSO_LABEL", " "),
            ("OIDC_SSO_SCOPES", "email"),
            ("OIDC_WORK_ISSUER", "https://login.microsoftonline.com/common/v2.0"),
            ("OIDC_WORK_CLIENT_ID", "w"),
        ]);
        let expected = [
            "OIDC_GOOGLE_CLIENT_ID must be set because OIDC_PROVIDERS lists google",
            "OIDC_SSO_ISSUER must be an address such as https://sso.example without a query; http is accepted for this machine only",
            "OIDC_SSO_CLIENT_ID must be the client id from the provider",
            "OIDC_SSO_LABEL must be a line of at most 40 characters",
            "OIDC_SSO_SCOPES must be scopes separated by spaces, among them openid",
            "OIDC_WORK_ISSUER must name one tenant, as in https://login.microsoftonline.com/<tenant id>/v2.0: any organization \
             could claim any address otherwise",
        ];
        assert_eq!(errors.expect_err("all are invalid"), expected);
        for names in ["Google", "a b", "a,a", "a_b", ","] {
            assert_eq!(parse(&[("OIDC_PROVIDERS", names)]).expect_err("invalid").len(), 1, "{names}");
        }
        let public = [("HOST", "0.0.0.0"), ("COOKIE_SECURE", "true"), ("OIDC_PROVIDERS", "google")];
        let errors = parse(&[&public[..], &[("OIDC_GOOGLE_CLIENT_ID", "g")]].concat()).expect_err("no address");
        assert_eq!(errors, ["PUBLIC_URL must be set because OIDC_PROVIDERS is: providers send people back to it"]);
    }
}
