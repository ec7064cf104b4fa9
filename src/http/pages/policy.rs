//! What the server's own pages contain besides their text, and the `Content-Security-Policy` that allows it.

use std::sync::LazyLock;

use actix_web::http::header::HeaderValue;
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

/// Inline, so that pages need no second request. The policy allows it by its digest.
pub(super) static STYLE: LazyLock<String> = LazyLock::new(|| {
    let style = compact(include_str!("../../../templates/style.css"));
    // None of these is within a string of the style sheet.
    [(" { ", "{"), ("; }", "}"), (": ", ":"), ("; ", ";")]
        .into_iter()
        .fold(style, |style, (from, to)| style.replace(from, to))
});

/// What passkeys need; inline for the same reason.
pub(super) static SCRIPT: LazyLock<String> = LazyLock::new(|| compact(include_str!("../../../templates/passkeys.js")));

/// The buttons that show a typed password; inline for the same reason.
pub(super) static PASSWORD_SCRIPT: LazyLock<String> =
    LazyLock::new(|| compact(include_str!("../../../templates/password.js")));

/// Removes indentation and comment lines, because every page contains the result. A minifier was turned down as one more
/// dependency of the build.
fn compact(source: &str) -> String {
    let is_comment = |line: &str| line.starts_with("//") || (line.starts_with("/*") && line.ends_with("*/"));
    let lines = source.lines().map(str::trim).filter(|line| !line.is_empty() && !is_comment(line));
    lines.collect::<Vec<_>>().join("\n")
}

pub(super) const HAS_PASSKEYS: bool = cfg!(feature = "passkeys");

/// Where the styles and images of every page may come from.
#[derive(Debug)]
pub(super) struct Sources {
    styles: String,
    images: &'static str,
}

impl Sources {
    /// The publisher's files are the only ones that pages load from this site.
    pub(super) fn new(style: &str, has_stylesheet: bool, has_logo: bool) -> Self {
        let digest = digest(style);
        Self {
            styles: match has_stylesheet {
                true => format!("style-src 'sha256-{digest}' 'self'; font-src data:"),
                false => format!("style-src 'sha256-{digest}'"),
            },
            images: if has_logo { "'self' data:" } else { "data:" },
        }
    }

    /// For pages with forms, which may lead to these origins, redirects included.
    pub(super) fn forms(&self, origins: &str) -> HeaderValue {
        let password = digest(&PASSWORD_SCRIPT);
        let scripts = match HAS_PASSKEYS {
            true => format!("script-src 'sha256-{}' 'sha256-{password}'; connect-src 'self'; ", digest(&SCRIPT)),
            false => format!("script-src 'sha256-{password}'; "),
        };
        self.policy(&scripts, self.images, origins)
    }

    /// For the pages of posts: no scripts, and images from any host with HTTPS.
    pub(super) fn posts(&self) -> HeaderValue {
        self.policy("", "'self' https: data:", "'self'")
    }

    fn policy(&self, scripts: &str, images: &str, form_action: &str) -> HeaderValue {
        let policy = format!(
            "default-src 'none'; {}; {scripts}img-src {images}; form-action {form_action}; base-uri 'none'; \
             frame-ancestors 'none'",
            self.styles
        );
        HeaderValue::from_str(&policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
    }
}

pub(in crate::http) fn digest(text: &str) -> String {
    BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()))
}
