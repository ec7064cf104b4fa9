//! Checks whether email can be sent.

use super::{Finding, error, warning};
use crate::{
    config::{Config, MailUrl, is_local_origin},
    mail::{Texts, Transport},
};

pub(super) async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mail = &config.mail;
    if let Err(invalid) = Texts::load(mail.templates.as_deref(), &mail.from, &mail.app_url, &config.site) {
        findings.push(error("MAIL_TEMPLATES", invalid.to_string()));
    }
    if let MailUrl::Smtp(_) = mail.url {
        findings.extend(connect(config).await);
    }
    findings
}

pub(super) fn review(config: &Config) -> Vec<Finding> {
    links(config).into_iter().chain(folder(config)).collect()
}

fn folder(config: &Config) -> Option<Finding> {
    let MailUrl::File(folder) = &config.mail.url else { return None };
    let reason = config.server.exposed_by()?;
    let text = format!(
        "writes messages to the folder {}, and {reason}: users do not receive them. Set it to an SMTP server, or to none",
        folder.display()
    );
    Some(warning("MAIL_URL", text))
}

/// Connects with TLS and signs in, as for a message.
async fn connect(config: &Config) -> Option<Finding> {
    let checked = match Transport::new(&config.mail) {
        Ok(Some(transport)) => transport.check().await.map_err(|error| error.to_string()),
        Ok(None) => Ok(()),
        Err(error) => Err(error.to_string()),
    };
    checked.err().map(|text| error("MAIL_URL", format!("cannot be used: {text}")))
}

fn links(config: &Config) -> Option<Finding> {
    let app = &config.mail.app_url;
    config.server.exposed_by()?;
    if is_local_origin(app) {
        let text = format!(
            "is {app}: links in email and of gifts lead to the recipient's own machine. Set PUBLIC_URL, or APP_URL"
        );
        return Some(warning("APP_URL", text));
    }
    // A link in a message signs nobody in, but whoever reads it on the way can use it.
    let text = "is plain HTTP: anyone on the network path can use the links in email";
    (config.mail.is_on() && app.starts_with("http:")).then(|| warning("APP_URL", text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::tests::{config, settings};

    #[test]
    fn links_over_plain_http_are_reported_on_a_public_server() {
        let of = |values: &[(&str, &str)]| settings(links(&config(values)));
        let app = ("APP_URL", "http://app.blog.example");
        assert_eq!(of(&[app]), []);
        assert_eq!(of(&[app, ("PUBLIC_URL", "https://blog.example")]), [("APP_URL".to_owned(), false)]);
        assert_eq!(of(&[("PUBLIC_URL", "https://blog.example")]), []);
    }

    #[test]
    fn links_to_this_machine_are_reported_behind_a_proxy() {
        let found = |values: &[(&str, &str)]| links(&config(values)).map(|finding| finding.text);
        let text = "is http://localhost:8080: links in email and of gifts lead to the recipient's own machine. Set PUBLIC_URL, or APP_URL";
        assert_eq!(found(&[("TRUSTED_PROXIES", "127.0.0.1")]).as_deref(), Some(text));
        assert_eq!(found(&[]), None);
    }

    #[tokio::test]
    async fn an_smtp_server_that_does_not_answer_is_an_error() {
        let values = [
            ("MAIL_URL", "smtp://127.0.0.1:1?tls=none"),
            ("MAIL_FROM", "blog@blog.example"),
            ("PUBLIC_URL", "http://localhost"),
        ];
        let findings = examine(&config(&values)).await;
        let text = findings.first().map(|finding| finding.text.clone()).unwrap_or_default();
        assert!(text.starts_with("cannot be used: the connection to the SMTP server failed: "), "{text}");
        assert_eq!(settings(findings), [("MAIL_URL".to_owned(), true)]);
        assert_eq!(settings(examine(&config(&[])).await), []);
    }
}
