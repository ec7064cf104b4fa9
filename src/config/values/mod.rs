//! The types of settings that are more than text, numbers and durations.

mod address;
mod choices;
mod database_url;
mod mail;
mod origins;
mod payments;
mod secret_key;
mod static_dir;

pub(super) use self::{
    address::{host, is_loopback, is_too_wide, networks},
    database_url::Address,
    mail::{MailAddress, app_url, mail_templates, sender},
    origins::web_origin,
    payments::{web_url, webhook_secrets},
    secret_key::KeyText,
    static_dir::static_dir,
};
pub use self::{
    choices::{Contract, LogFormat, Protection, ReadsCount, RegistrationPolicy, SecondFactorPolicy},
    database_url::DatabaseUrl,
    mail::{MailUrl, SmtpServer, SmtpTls},
    origins::AllowedOrigins,
    payments::WebhookSecret,
    secret_key::{KEY_FILE, SecretKey},
};
