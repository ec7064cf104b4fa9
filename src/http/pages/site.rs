//! The site's own name and look, which every page has.

use std::sync::Arc;

use actix_web::http::header::HeaderValue;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::policy::{self, STYLE};
use crate::{
    config::{Accent, SiteConfig, SiteFile, SiteLink},
    texts::Texts,
};

/// The folder of the publisher's own files.
pub(super) const FOLDER: &str = "/_site/";

/// What the layout shows. Built once, because it is the same for each page.
#[derive(Debug)]
pub struct Site {
    pub(in crate::http) name: String,
    pub(in crate::http) texts: Arc<Texts>,
    pub(super) tagline: Option<String>,
    /// Where the name leads.
    pub(in crate::http) address: String,
    /// The address of the logo.
    pub(in crate::http) logo: Option<String>,
    /// Whether tollgate's own sign stands beside the name.
    pub(in crate::http) has_own_sign: bool,
    /// The icon of the browser's tab, if it is neither the logo nor tollgate's own sign.
    pub(in crate::http) icon: Option<String>,
    /// Inline, so that pages need no second request. The policy allows it by its digest.
    pub(super) style: String,
    /// The address of the publisher's style sheet.
    pub(super) stylesheet: Option<String>,
    pub(super) links: Vec<SiteLink>,
    pub(super) credit: bool,
    pub(super) has_feed: bool,
    sources: policy::Sources,
    /// The policies of pages with forms, and of posts.
    pub(super) forms: HeaderValue,
    pub(super) posts: HeaderValue,
}

impl Site {
    #[must_use]
    pub fn new(config: &SiteConfig, has_feed: bool) -> Self {
        let style = format!("{}{}", *STYLE, config.accent.as_ref().map(accent_style).unwrap_or_default());
        let sources = policy::Sources::new(&style, config.style.is_some(), config.logo.is_some());
        let is_plain = config.logo.is_none() && !config.is_named;
        Self {
            name: config.name.clone(),
            texts: Arc::clone(&config.texts),
            tagline: config.tagline.clone(),
            address: config.address.clone(),
            logo: config.logo.as_ref().map(address),
            has_own_sign: is_plain,
            icon: (config.logo.is_none() && config.is_named).then(|| initial(config)),
            stylesheet: config.style.as_ref().map(address),
            links: config.links.clone(),
            credit: config.credit,
            has_feed,
            forms: sources.forms("'self'"),
            posts: sources.posts(),
            style,
            sources,
        }
    }

    /// The policy of a page whose forms may lead to these origins, redirects included.
    pub(super) fn with_forms_to(&self, origins: &str) -> HeaderValue {
        self.sources.forms(origins)
    }
}

/// Overrides the colours at the start of the style.
pub(in crate::http) fn accent_style(Accent { light, dark }: &Accent) -> String {
    let [light, dark] = [light, dark].map(|shades| {
        let (accent, strong, on_accent) = (shades.accent, shades.strong, shades.on_accent);
        format!(":root {{ --accent: {accent}; --strong: {strong}; --on-accent: {on_accent}; --stripe: {accent}; }}")
    });
    format!("{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}\n")
}

/// The first letter of the name, white on the accent.
fn initial(config: &SiteConfig) -> String {
    let letter: String = config.name.chars().take(1).flat_map(char::to_uppercase).collect();
    let letter = utf8_percent_encode(&letter, NON_ALPHANUMERIC);
    let colour = config.accent.map_or_else(|| "#231c15".to_owned(), |accent| accent.light.accent.to_string());
    let colour = colour.trim_start_matches('#');
    let icon = format!(
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' \
         rx='6' fill='%23{colour}'/%3E%3Ctext x='16' y='23' text-anchor='middle' font-family='Georgia,serif' font-size='20' \
         fill='%23fff'%3E{letter}%3C/text%3E%3C/svg%3E"
    );
    icon.replace(' ', "%20")
}

fn address(file: &SiteFile) -> String {
    format!("{FOLDER}{}?v={}", file.name, file.hash)
}
