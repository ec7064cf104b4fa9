//! Settings of e-mail.

use std::path::PathBuf;

use super::{
    definitions::{APP_URL, MAIL_FROM, MAIL_TEMPLATES, MAIL_URL, PUBLIC_URL, REQUIRE_VERIFIED_EMAIL},
    environment::Settings,
    server::ServerConfig,
    values::MailUrl,
};

#[derive(Clone, Debug)]
pub struct MailConfig {
    pub url: MailUrl,
    /// An address, with or without a name.
    pub from: String,
    /// Without a slash at the end.
    pub app_url: String,
    pub templates: Option<PathBuf>,
    /// Whether users must verify an address before they read.
    pub require_verified: bool,
}

impl MailConfig {
    pub(super) fn read(settings: &mut Settings, server: &ServerConfig) -> Self {
        let (url, from, app_url) = (MAIL_URL.read(settings), MAIL_FROM.read(settings), APP_URL.read(settings));
        if let MailUrl::Smtp(_) = url {
            if from.is_none() && settings.get(MAIL_FROM.name).is_none() {
                settings.error(MAIL_FROM.name, "must be set because MAIL_URL names an SMTP server");
            }
            if server.public_origin.is_none() && settings.get(PUBLIC_URL.name).is_none() {
                settings.error(PUBLIC_URL.name, "must be set because MAIL_URL names an SMTP server");
            }
        }
        let require_verified = REQUIRE_VERIFIED_EMAIL.read(settings);
        if require_verified && url == MailUrl::None {
            let text = "must be false if MAIL_URL is none: nobody could verify an address";
            settings.error(REQUIRE_VERIFIED_EMAIL.name, text);
        }
        let own = || server.public_origin.clone().unwrap_or_else(|| format!("http://localhost:{}", server.port));
        Self {
            url,
            from: from.unwrap_or_else(|| "tollgate <tollgate@localhost>".to_owned()),
            app_url: app_url.unwrap_or_else(own),
            templates: MAIL_TEMPLATES.read(settings),
            require_verified,
        }
    }

    /// Whether e-mail is sent at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.url != MailUrl::None
    }
}
