//! What the server's own pages contain besides their text, and the `Content-Security-Policy` that allows it.

use std::sync::LazyLock;

use actix_web::http::header::HeaderValue;
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

/// Inline, so that no further path has to be public. The policy allows it by its digest.
pub(super) const STYLE: &str = include_str!("../../../templates/style.css");

/// What passkeys need; inline for the same reason.
pub(super) const SCRIPT: &str = include_str!("../../../templates/passkeys.js");

pub(super) const HAS_PASSKEYS: bool = cfg!(feature = "passkeys");

/// For pages with forms.
pub(super) static FORMS: LazyLock<HeaderValue> = LazyLock::new(|| with_forms_to("'self'"));

/// For the pages of posts: no scripts, and images from any host with HTTPS.
pub(super) static POSTS: LazyLock<HeaderValue> = LazyLock::new(|| policy("", "'self' https: data:", "'self'"));

/// The policy of a page whose forms may lead to these origins, redirects included.
pub(super) fn with_forms_to(origins: &str) -> HeaderValue {
    let scripts = match HAS_PASSKEYS {
        true => format!("script-src 'sha256-{}'; connect-src 'self'; ", digest(SCRIPT)),
        false => String::new(),
    };
    policy(&scripts, "data:", origins)
}

fn policy(scripts: &str, images: &str, form_action: &str) -> HeaderValue {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; {scripts}img-src {images}; form-action {form_action}; base-uri 'none'; \
         frame-ancestors 'none'",
        digest(STYLE)
    );
    HeaderValue::from_str(&policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
}

fn digest(text: &str) -> String {
    BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()))
}
