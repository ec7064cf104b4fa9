//! The types of settings that are more than text, numbers and durations.

mod address;
mod mail;
mod origins;
mod secret_key;

pub use self::{
    address::is_local_origin,
    mail::{MailUrl, SmtpServer, SmtpTls},
    origins::AllowedOrigins,
    secret_key::{KEY_FILE, SecretKey},
};
pub(super) use self::{
    address::{exposed_by, host, is_loopback, is_too_wide, networks},
    mail::{MailAddress, app_url, mail_templates, sender},
    origins::web_origin,
    secret_key::KeyText,
};
