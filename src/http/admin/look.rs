//! How the console looks. The accent is the site's, so that it belongs to the publisher; a publisher's own style sheet is for readers only.

use actix_web::http::header::HeaderValue;

use crate::{
    config::SiteConfig,
    http::pages::{policy::digest, site::accent_style},
};

const STYLE: &str = include_str!("../../../templates/admin/style.css");

/// What is the same on all pages of the console. Built once.
#[derive(Debug)]
pub struct Look {
    /// Inline, so that pages need no second request. The policy allows it by its digest.
    pub(super) style: String,
    pub(super) policy: HeaderValue,
}

impl Look {
    #[must_use]
    pub fn new(config: &SiteConfig) -> Self {
        let style = format!("{STYLE}{}", config.accent.as_ref().map(accent_style).unwrap_or_default());
        // Images of posts come from anywhere, and scripts from nowhere.
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{}'; img-src 'self' https: data:; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'",
            digest(&style)
        );
        let policy = HeaderValue::from_str(&policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
        Self { style, policy }
    }
}
