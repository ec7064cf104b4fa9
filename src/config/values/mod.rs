//! The types of settings that are more than text, numbers and durations.

mod accent;
mod address;
mod mail;
mod origins;
mod secret_key;
mod site;

pub use self::{
    accent::{Accent, Colour, Shades},
    address::is_local_origin,
    mail::{MailUrl, SmtpServer, SmtpTls},
    origins::AllowedOrigins,
    secret_key::{KEY_FILE, SecretKey},
    site::{SiteFile, SiteLink},
};
pub(super) use self::{
    address::{exposed_by, host, is_loopback, is_too_wide, networks},
    mail::{MailAddress, app_url, mail_templates, sender},
    origins::{web_origin, web_url},
    secret_key::KeyText,
    site::{site_address, site_links, site_logo, site_style, site_text, site_texts},
};
