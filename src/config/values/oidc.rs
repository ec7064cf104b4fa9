//! The values of settings of OpenID Connect.

use url::Url;

use super::{address::is_local_origin, origins::web_url};
use crate::config::setting::Checked;

const MAX_NAME: usize = 32;
const MAX_LABEL: usize = 40;

/// The address of an issuer. It is compared byte by byte with what the provider sends, so it is kept as it was written.
pub(in crate::config) const ISSUER: Checked<String> =
    Checked { description: "an address such as https://sso.example", parse: issuer };

fn issuer(text: &str) -> Result<String, String> {
    let url = web_url(text).filter(|url| is_issuer(url) && (url.scheme() == "https" || is_local_origin(text)));
    let url = url.ok_or(
        "must be an address such as https://sso.example without a query; http is accepted for this machine only",
    )?;
    // Each tenant has an issuer of its own, so that a token's cannot be compared with one of these.
    let shared = ["/common/", "/organizations/", "/consumers/"];
    if url.host_str() == Some("login.microsoftonline.com") && shared.iter().any(|path| url.path().starts_with(path)) {
        return Err(
            "must name one tenant, as in https://login.microsoftonline.com/<tenant id>/v2.0: any organization \
                    could claim any address otherwise"
                .to_owned(),
        );
    }
    Ok(text.to_owned())
}

fn is_issuer(url: &Url) -> bool {
    let has_user = !url.username().is_empty() || url.password().is_some();
    url.has_host() && !has_user && url.query().is_none() && url.fragment().is_none()
}

/// Names that can be part of a path and of the name of a setting.
pub(in crate::config) fn provider_names(text: &str) -> Option<Vec<String>> {
    let is_name = |name: &&str| {
        let is_plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        (1..=MAX_NAME).contains(&name.len()) && is_plain
    };
    let names: Vec<_> = text.split(',').map(str::trim).collect();
    let mut distinct = names.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let are_valid = names.iter().all(is_name) && distinct.len() == names.len();
    are_valid.then(|| names.into_iter().map(str::to_owned).collect())
}

pub(in crate::config) fn client_text(text: &str) -> Option<String> {
    let is_printable = text.bytes().all(|byte| byte.is_ascii_graphic());
    (is_printable && !text.is_empty()).then(|| text.to_owned())
}

pub(in crate::config) fn provider_label(text: &str) -> Option<String> {
    let text = text.trim();
    let is_line = !text.is_empty() && text.chars().count() <= MAX_LABEL && !text.contains(char::is_control);
    is_line.then(|| text.to_owned())
}

/// Scopes (RFC 6749, section 3.3) with the one that makes a request one of OpenID Connect.
pub(in crate::config) fn oidc_scopes(text: &str) -> Option<Vec<String>> {
    let is_scope = |scope: &str| scope.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
    let scopes: Vec<_> = text.split_ascii_whitespace().collect();
    let are_valid = scopes.contains(&"openid") && scopes.iter().all(|scope| is_scope(scope));
    are_valid.then(|| scopes.into_iter().map(str::to_owned).collect())
}
