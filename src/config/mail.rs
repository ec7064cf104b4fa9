//! Settings of email.

use std::path::PathBuf;

use super::{
    environment::Settings,
    server::{HOST, PUBLIC_URL, ServerConfig},
    setting::{
        Checked, Choice,
        DefaultValue::{Computed, Fixed},
        Definition, Form, Optional, Setting,
    },
    site::SITE_NAME,
    values::{MailAddress, MailUrl, app_url, is_loopback, mail_templates, sender},
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
    /// Whether people can sign in by a link or code in a message.
    pub sign_in: bool,
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
        let sign_in = SIGN_IN_EMAIL.read(settings);
        if sign_in && url == MailUrl::None {
            let text = "must be false if MAIL_URL is none: no link could be sent";
            settings.error(SIGN_IN_EMAIL.name, text);
        }
        Self {
            url,
            from: from.unwrap_or_else(|| default_sender(settings)),
            app_url: app_url.unwrap_or_else(|| server.origin()),
            templates: MAIL_TEMPLATES.read(settings),
            require_verified,
            sign_in,
        }
    }

    /// Whether email is sent at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.url != MailUrl::None
    }
}

/// Of messages in a folder. With a name of the site's own, nothing in them says tollgate.
fn default_sender(settings: &Settings) -> String {
    let is_named = settings.get(SITE_NAME.name).is_some();
    if is_named { "mail@localhost" } else { "tollgate <tollgate@localhost>" }.to_owned()
}

pub(super) const ALL: &[&dyn Definition] =
    &[&MAIL_URL, &MAIL_FROM, &APP_URL, &MAIL_TEMPLATES, &REQUIRE_VERIFIED_EMAIL, &SIGN_IN_EMAIL];

pub(crate) const MAIL_URL: Setting<MailUrl> = Setting {
    name: "MAIL_URL",
    about: "How email is sent: to an SMTP server, with STARTTLS (`smtp://`, port 587) or TLS (`smtps://`, port 465), or into \
            a folder, each message as an `.eml` file. Special characters in the user and the password are percent-encoded. \
            `?tls=none` turns off STARTTLS for an SMTP server on this machine. An SMTP server needs `MAIL_FROM`, and \
            `PUBLIC_URL` for the links. With `none`, no email is sent: addresses are not verified, and forgotten passwords \
            cannot be reset.",
    values: &MailAddress,
    default: Computed("`file:tollgate-mail` if `HOST` is loopback, otherwise `none`", |settings| {
        if is_loopback(&HOST.peek(settings)) { MailUrl::File("tollgate-mail".into()) } else { MailUrl::None }
    }),
};

pub(crate) const MAIL_FROM: Optional<String> = Optional {
    name: "MAIL_FROM",
    about: "The sender of email. It is required with SMTP.",
    values: &Form {
        description: "an email address such as blog@blog.example or Blog <blog@blog.example>",
        parse: sender,
    },
    unset: "none; messages in a folder come from `tollgate@localhost`, or from `mail@localhost` if `SITE_NAME` is set",
};

pub(crate) const APP_URL: Optional<String> = Optional {
    name: "APP_URL",
    about: "Where the links in email lead: `<APP_URL>/verify-email?token=…`, for example. Set it if the pages of your frontend \
            are not at `PUBLIC_URL`.",
    values: &Form { description: "a URL such as https://app.blog.example", parse: app_url },
    unset: "`PUBLIC_URL`; if that is not set either, `http://localhost:<PORT>`",
};

pub(crate) const MAIL_TEMPLATES: Optional<PathBuf> = Optional {
    name: "MAIL_TEMPLATES",
    about: "A folder with your own texts (`texts.json`) and layouts (`message.html`, `message.txt`) of email. A file that is \
            missing there is replaced by the built-in one.",
    values: &Checked { description: "a folder", parse: mail_templates },
    unset: "none; the built-in texts and layouts",
};

pub(crate) const REQUIRE_VERIFIED_EMAIL: Setting<bool> = Setting {
    name: "REQUIRE_VERIFIED_EMAIL",
    about: "Whether registration requires an email address, and reading a post requires that it is verified.",
    values: &Choice::TRUE_OR_FALSE,
    default: Fixed(|| false),
};

pub(crate) const SIGN_IN_EMAIL: Setting<bool> = Setting {
    name: "SIGN_IN_EMAIL",
    about: "Whether people can sign in by a link or a code that is mailed to their address, without a password. If `REGISTRATION` is \
            open, an address without an account gets one. It needs `MAIL_URL`.",
    values: &Choice::TRUE_OR_FALSE,
    default: Fixed(|| false),
};
