//! E-mail.

use std::path::PathBuf;

use super::server::HOST;
use crate::config::{
    setting::{
        Checked, Choice,
        DefaultValue::{Computed, Fixed},
        Definition, Form, Optional, Setting,
    },
    values::{MailAddress, MailUrl, app_url, is_loopback, mail_templates, sender},
};

pub(super) const ALL: &[&dyn Definition] = &[&MAIL_URL, &MAIL_FROM, &APP_URL, &MAIL_TEMPLATES, &REQUIRE_VERIFIED_EMAIL];

pub(crate) const MAIL_URL: Setting<MailUrl> = Setting {
    name: "MAIL_URL",
    about: "How e-mail is sent: to an SMTP server, with STARTTLS (`smtp://`, port 587) or TLS (`smtps://`, port 465), or into \
            a folder, each message as an `.eml` file. Special characters in the user and the password are percent-encoded. \
            `?tls=none` turns off STARTTLS for an SMTP server on this machine. An SMTP server needs `MAIL_FROM`, and \
            `PUBLIC_URL` for the links. With `none`, no e-mail is sent: addresses are not verified, and forgotten passwords \
            cannot be reset.",
    values: &MailAddress,
    default: Computed("`file:tollgate-mail` if `HOST` is loopback, otherwise `none`", |settings| {
        if is_loopback(&HOST.peek(settings)) { MailUrl::File("tollgate-mail".into()) } else { MailUrl::None }
    }),
};

pub(crate) const MAIL_FROM: Optional<String> = Optional {
    name: "MAIL_FROM",
    about: "The sender of e-mail. It is required with SMTP.",
    values: &Form {
        description: "an e-mail address such as blog@blog.example or Blog <blog@blog.example>",
        parse: sender,
    },
    unset: "none; messages in a folder come from `tollgate@localhost`",
};

pub(crate) const APP_URL: Optional<String> = Optional {
    name: "APP_URL",
    about: "Where the links in e-mail lead: `<APP_URL>/verify-email?token=…`, for example. Set it if the pages of your frontend \
            are not at `PUBLIC_URL`.",
    values: &Form { description: "a URL such as https://app.blog.example", parse: app_url },
    unset: "`PUBLIC_URL`; if that is not set either, `http://localhost:<PORT>`",
};

pub(crate) const MAIL_TEMPLATES: Optional<PathBuf> = Optional {
    name: "MAIL_TEMPLATES",
    about: "A folder with your own texts (`texts.json`) and layouts (`message.html`, `message.txt`) of e-mail. A file that is \
            missing there is replaced by the built-in one.",
    values: &Checked { description: "a folder", parse: mail_templates },
    unset: "none; the built-in texts and layouts",
};

pub(crate) const REQUIRE_VERIFIED_EMAIL: Setting<bool> = Setting {
    name: "REQUIRE_VERIFIED_EMAIL",
    about: "Whether registration requires an e-mail address, and reading a post requires that it is verified.",
    values: &Choice::TRUE_OR_FALSE,
    default: Fixed(|| false),
};
