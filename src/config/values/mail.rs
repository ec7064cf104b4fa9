//! How email is sent, who sends it, and where its links lead.

use std::{borrow::Cow, fmt, path::PathBuf};

use lettre::message::Mailbox;
use percent_encoding::percent_decode_str;
use url::Url;

use super::address::is_loopback;
use crate::config::{
    database::has_port_only,
    setting::{HIDDEN, Values, Writable},
};

/// How email is sent. Its `Debug` output does not contain the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailUrl {
    None,
    /// A folder for `.eml` files.
    File(PathBuf),
    Smtp(SmtpServer),
}

#[derive(Clone, PartialEq, Eq)]
pub struct SmtpServer {
    pub host: String,
    pub port: u16,
    pub tls: SmtpTls,
    /// User and password.
    pub credentials: Option<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// From the start of the connection.
    Implicit,
    StartTls,
    Off,
}

impl fmt::Debug for SmtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpServer")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .finish()
    }
}

/// Where email goes, displayed without the password.
pub(in crate::config) struct MailAddress;

impl Values<MailUrl> for MailAddress {
    fn describe(&self) -> String {
        "smtp://<user>:<password>@<host>:587, smtps://<user>:<password>@<host>:465, file:<folder> or none".to_owned()
    }

    fn parse(&self, text: &str) -> Result<MailUrl, String> {
        let error = || format!("must be {}", self.describe());
        match text.split_once(':') {
            None if text == "none" => Ok(MailUrl::None),
            Some(("file", folder)) if !folder.is_empty() && !folder.contains('\0') => {
                Ok(MailUrl::File(folder.strip_prefix("//").unwrap_or(folder).into()))
            }
            Some(("smtp" | "smtps", _)) => smtp(&Url::parse(text).map_err(|_| error())?).map(MailUrl::Smtp),
            _ => Err(error()),
        }
    }

    fn display(&self, text: &str) -> String {
        if text == "none" || text.starts_with("file:") {
            return text.to_owned();
        }
        match (text.split_once("://"), text.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, place))) => format!("{scheme}://{HIDDEN}@{place}"),
            (Some((_, place)), None) if has_port_only(place) => text.to_owned(),
            (Some((scheme, _)), None) => format!("{scheme}://{HIDDEN}"),
            // Mistyped, so that nobody knows where the password is.
            (None, _) => HIDDEN.to_owned(),
        }
    }
}

impl Writable<MailUrl> for MailAddress {
    /// For defaults, which are never an SMTP server.
    fn write(&self, value: &MailUrl) -> String {
        match value {
            MailUrl::None => "none".to_owned(),
            MailUrl::File(folder) => format!("file:{}", folder.display()),
            MailUrl::Smtp(server) => format!("smtp://{HIDDEN}@{}:{}", server.host, server.port),
        }
    }
}

fn smtp(url: &Url) -> Result<SmtpServer, String> {
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or("must name the host of an SMTP server")?;
    let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let (tls, port) = match (url.scheme(), url.query()) {
        ("smtps", None) => (SmtpTls::Implicit, 465),
        ("smtp", None) => (SmtpTls::StartTls, 587),
        ("smtp", Some("tls=none")) if is_loopback(&bare) => (SmtpTls::Off, 25),
        ("smtp", Some("tls=none")) => {
            return Err(
                "must not contain ?tls=none unless the SMTP server is on this machine: anyone on the network path \
                        could read the messages"
                    .to_owned(),
            );
        }
        _ => return Err("must not have parameters other than ?tls=none with smtp://".to_owned()),
    };
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(Cow::into_owned);
    let credentials = match (url.username(), url.password()) {
        ("", None) => None,
        (user, Some(password)) if !user.is_empty() => {
            let both = decoded(user).and_then(|user| Ok((user, decoded(password)?)));
            Some(both.map_err(|_| "must have a user and a password in UTF-8")?)
        }
        _ => return Err("must have both a user and a password, or neither".to_owned()),
    };
    Ok(SmtpServer { host: bare, port: url.port().unwrap_or(port), tls, credentials })
}

pub(in crate::config) fn sender(text: &str) -> Option<String> {
    text.parse::<Mailbox>().ok().map(|_| text.to_owned())
}

/// Links are this followed by a path and a query.
pub(in crate::config) fn app_url(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let is_plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (is_plain && url.password().is_none()).then(|| url.as_str().trim_end_matches('/').to_owned())
}

pub(in crate::config) fn mail_templates(text: &str) -> Result<PathBuf, String> {
    let folder = PathBuf::from(text);
    if folder.is_dir() { Ok(folder) } else { Err("must be a folder".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<MailUrl, String> {
        MailAddress.parse(text)
    }

    fn server(host: &str, port: u16, tls: SmtpTls, credentials: Option<(&str, &str)>) -> MailUrl {
        let credentials = credentials.map(|(user, password)| (user.to_owned(), password.to_owned()));
        MailUrl::Smtp(SmtpServer { host: host.to_owned(), port, tls, credentials })
    }

    #[test]
    fn the_scheme_decides_about_tls_and_the_port() {
        let plain = "smtp://ada:p%40ss@mail.example";
        assert_eq!(parse(plain), Ok(server("mail.example", 587, SmtpTls::StartTls, Some(("ada", "p@ss")))));
        assert_eq!(parse("smtps://mail.example"), Ok(server("mail.example", 465, SmtpTls::Implicit, None)));
        assert_eq!(parse("smtp://[::1]:2525?tls=none"), Ok(server("::1", 2525, SmtpTls::Off, None)));
        assert_eq!(parse("file:mails"), Ok(MailUrl::File("mails".into())));
        assert_eq!(parse("none"), Ok(MailUrl::None));
    }

    #[test]
    fn an_address_without_tls_on_another_machine_or_with_half_a_login_is_rejected() {
        for wrong in [
            "smtp://mail.example?tls=none",
            "smtps://127.0.0.1?tls=none",
            "smtp://mail.example?x=1",
            "smtp://ada@mail.example",
            "smtp://",
            "http://mail.example",
            "file:",
            "mail.example",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_password_is_hidden() {
        let text = "smtp://ada:hunter22@mail.example:587";
        assert_eq!(MailAddress.display(text), "smtp://(hidden)@mail.example:587");
        assert_eq!(MailAddress.display("smtp://ada:hunter22"), "smtp://(hidden)", "the host was forgotten");
        assert_eq!(MailAddress.display("smpt://ada:hunter22"), "smpt://(hidden)", "mistyped");
        assert_eq!(MailAddress.display("smtp://[::1]:2525?tls=none"), "smtp://[::1]:2525?tls=none");
        assert_eq!(MailAddress.display("smtp:/ada:hunter22@mail.example"), HIDDEN, "mistyped");
        assert_eq!(MailAddress.display("smtp:ada:hunter22"), HIDDEN, "mistyped");
        for shown in ["none", "file:mails@home", "file://mails@home"] {
            assert_eq!(MailAddress.display(shown), shown);
        }
        assert!(!format!("{:?}", parse(text)).contains("hunter22"));
        assert!(parse("smtp://ada:hunter22@").is_err_and(|error| !error.contains("hunter22")));
    }

    #[test]
    fn links_start_with_an_address_without_query() {
        assert_eq!(app_url("https://blog.example/app/").as_deref(), Some("https://blog.example/app"));
        assert_eq!(app_url("https://blog.example").as_deref(), Some("https://blog.example"));
        for wrong in ["blog.example", "https://a:b@blog.example", "https://blog.example/?x", "ftp://blog.example"] {
            assert_eq!(app_url(wrong), None, "{wrong}");
        }
    }
}
