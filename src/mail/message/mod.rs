//! Builds messages from texts and layouts. The texts of each language are in one file; an owner's folder may
//! replace some of them, or the layouts.

mod load;
mod render;

use std::time::{Duration, UNIX_EPOCH};

use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Body, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use minijinja::Environment;

use super::outbox::{MessageKind, Payload, Queued};

/// The file in which an owner replaces texts.
const TEXTS: &str = "texts.json";
const TEXT: (&str, &str) = ("message.txt", include_str!("../../../templates/mail/message.txt"));
const HTML: (&str, &str) = ("message.html", include_str!("../../../templates/mail/message.html"));

/// Tells other programs not to reply (RFC 3834, section 5).
const AUTO_SUBMITTED: &str = "Auto-Submitted";

/// The longest line, without its end (RFC 5322, section 2.1.1).
const MAX_LINE: usize = 998;

/// A template is invalid. The message names the file.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {cause}")]
pub struct TemplateError {
    file: &'static str,
    cause: String,
}

/// Everything that messages are made of.
#[derive(Debug)]
pub struct Texts {
    engine: Environment<'static>,
    texts: serde_json::Value,
    from: Mailbox,
    app_url: String,
    /// Of the texts, by BCP 47.
    language: &'static str,
    /// The name that the publisher chose for the site.
    name: Option<String>,
}

impl Texts {
    /// Builds the message to send.
    ///
    /// # Errors
    /// The recipient is not a valid address, or a text cannot be rendered.
    pub(super) fn message(
        &self,
        queued: &Queued,
        kind: MessageKind,
        payload: &Payload,
        token: Option<&str>,
    ) -> Result<Message, String> {
        let rendered = self.render(kind, payload, token).map_err(|error| error.to_string())?;
        let millis = u64::try_from(queued.created_at.millis()).unwrap_or_default();
        let auto_submitted =
            HeaderValue::new(HeaderName::new_from_ascii_str(AUTO_SUBMITTED), "auto-generated".to_owned());
        // No name beside the address: nothing that a user has chosen gets into a header.
        let recipient = address(&queued.recipient).ok_or("the address is invalid")?;
        // Otherwise it is parsed from the header, which fails for a quoted local part.
        let envelope = Envelope::new(Some(self.from.email.clone()), vec![recipient.clone()]);
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, recipient))
            .envelope(envelope.map_err(|error| error.to_string())?)
            .subject(rendered.subject)
            .date(UNIX_EPOCH + Duration::from_millis(millis))
            .message_id(Some(queued.message_id.clone()))
            .raw_header(auto_submitted)
            .multipart(
                MultiPart::alternative().singlepart(plain(rendered.text)).singlepart(SinglePart::html(rendered.html)),
            );
        message.map_err(|error| error.to_string())
    }
}

/// The plain text, unencoded if RFC 5322 allows it: quoted-printable, which lettre uses for lines of more than 78
/// characters, would break the link in a file that a developer reads.
fn plain(text: String) -> SinglePart {
    let is_allowed = |line: &str| line.len() <= MAX_LINE && line.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let body = if text.lines().all(is_allowed) {
        let lines: Vec<_> = text.lines().collect();
        Body::dangerous_pre_encoded(lines.join("\r\n").into_bytes(), ContentTransferEncoding::SevenBit)
    } else {
        Body::new(text)
    };
    SinglePart::builder().header(ContentType::TEXT_PLAIN).body(body)
}

/// The address with its domain in ASCII, which every server accepts.
fn address(recipient: &str) -> Option<Address> {
    let (local, domain) = recipient.rsplit_once('@')?;
    Address::new(local, idna::domain_to_ascii(domain).ok()?).ok()
}

fn invalid(file: &'static str, error: &impl std::fmt::Display) -> TemplateError {
    TemplateError { file, cause: error.to_string() }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, fs, path::Path};

    use super::*;
    use crate::{config::Config, mail::outbox::Occurrence};

    const FROM: &str = "Blog <blog@blog.example>";

    fn load(folder: Option<&Path>) -> Result<Texts, TemplateError> {
        let config = Config::from_values(HashMap::new()).expect("every setting has a default");
        Texts::load(folder, FROM, "https://blog.example", &config.site)
    }

    fn built_in() -> Texts {
        load(None).expect("the built-in texts are valid")
    }

    #[test]
    fn every_language_has_the_texts_of_english() {
        let texts = |language: &str| {
            let site = ("SITE_LANGUAGE".to_owned(), language.to_owned());
            let config = Config::from_values(HashMap::from([site])).expect("a language that ships");
            Texts::load(None, FROM, "https://blog.example", &config.site).expect("valid").texts
        };
        let english = names("", &texts("en"));
        for language in ["de", "fr", "es"] {
            assert_eq!(names("", &texts(language)), english, "{language}");
        }
    }

    /// The paths of all texts.
    fn names(path: &str, texts: &serde_json::Value) -> Vec<String> {
        let Some(texts) = texts.as_object() else { return vec![path.to_owned()] };
        texts.iter().flat_map(|(name, text)| names(&format!("{path}/{name}"), text)).collect()
    }

    #[test]
    fn a_message_is_in_the_sites_language() {
        let site = ("SITE_LANGUAGE".to_owned(), "de".to_owned());
        let config = Config::from_values(HashMap::from([site])).expect("valid");
        let texts = Texts::load(None, FROM, "https://blog.example", &config.site).expect("valid");
        let payload = Payload { username: Some("ada".to_owned()), ..Payload::default() };
        let rendered = texts.render(MessageKind::Reset, &payload, Some("t")).expect("it renders");
        let expected = "Jemand, vermutlich Sie, möchte das Passwort Ihres Kontos ada bei blog.example zurücksetzen.\n\n\
             Neues Passwort wählen:\nhttps://blog.example/reset-password?token=t\n\n\
             Der Link gilt 30 Minuten und funktioniert einmal. Wenn Sie ihn nicht angefordert haben, ignorieren Sie diese \
             Nachricht; Ihr Passwort bleibt, wie es ist.\n\n--\nGesendet von tollgate, blog.example.";
        assert_eq!((rendered.subject.as_str(), rendered.text.as_str()), ("Setzen Sie Ihr Passwort zurück", expected));
        assert!(rendered.html.contains("<html lang=\"de\">"), "{}", rendered.html);
    }

    #[test]
    fn a_notice_names_the_device_in_the_sites_language() {
        let site = ("SITE_LANGUAGE".to_owned(), "de".to_owned());
        let config = Config::from_values(HashMap::from([site])).expect("valid");
        let texts = Texts::load(None, FROM, "https://blog.example", &config.site).expect("valid");
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let unsafe_name = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 evil.example/1.0";
        for (user_agent, device) in
            [(firefox, "Firefox unter Linux"), (unsafe_name, "Windows"), ("", "Unbekanntes Gerät")]
        {
            let occurrence = Occurrence {
                kind: "new_browser".to_owned(),
                at: 0,
                ip: "127.0.0.1".to_owned(),
                user_agent: Some(user_agent.to_owned()),
            };
            let payload = Payload { occurrences: vec![occurrence], ..Payload::default() };
            let rendered = texts.render(MessageKind::NewBrowser, &payload, Some("t")).expect("it renders");
            let line = format!("1970-01-01 00:00 UTC: neue Anmeldung, {device}, 127.0.0.1");
            assert!(rendered.text.contains(&line), "{}", rendered.text);
        }
    }

    #[test]
    fn a_name_that_could_be_a_link_is_not_mentioned() {
        for (name, is_mentioned) in [("ada", true), ("https://evil.example/", false), ("evil.example", false)] {
            let payload = Payload { username: Some(name.to_owned()), ..Payload::default() };
            let rendered = built_in().render(MessageKind::Reset, &payload, Some("t")).expect("it renders");
            assert_eq!(rendered.text.contains(&format!("account {name} at")), is_mentioned, "{name}");
            assert_eq!(rendered.html.contains(name), is_mentioned, "{name}");
        }
    }

    #[test]
    fn an_owner_replaces_single_texts_and_layouts() {
        let folder = tempfile::tempdir().expect("a folder");
        let texts =
            r#"{ "product": "Ada's blog", "messages": { "reset": { "subject": "Forgot it, {{ username }}?" } } }"#;
        fs::write(folder.path().join("texts.json"), texts).expect("written");
        fs::write(folder.path().join("message.html"), "<b>{{ product }}</b>").expect("written");
        let texts = load(Some(folder.path())).expect("valid");
        let payload = Payload { username: Some("ada".to_owned()), ..Payload::default() };
        let rendered = texts.render(MessageKind::Reset, &payload, Some("t")).expect("it renders");
        assert_eq!((rendered.subject.as_str(), rendered.html.as_str()), ("Forgot it, ada?", "<b>Ada&#x27;s blog</b>"));
        assert!(rendered.text.contains("https://blog.example/reset-password?token=t"), "{}", rendered.text);
    }

    #[test]
    fn an_invalid_template_is_reported_with_its_file_text_and_variable() {
        for (file, text, error) in [
            ("texts.json", "{", "EOF while parsing an object at line 1 column 1"),
            (
                "texts.json",
                r#"{ "messages": { "verify": { "subject": "{{ usrname }}" } } }"#,
                "messages.verify.subject: undefined value: usrname; the variables are code, name, place, product, site, username",
            ),
            (
                "texts.json",
                r#"{ "footer": "{{ site" }"#,
                "footer: syntax error: unexpected end of input, expected end of variable block",
            ),
            (
                "texts.json",
                r#"{ "messages": { "verify": { "titel": "x" } } }"#,
                "there is no text messages.verify.titel",
            ),
            ("texts.json", r#"{ "messages": { "verfy": {} } }"#, "there is no text messages.verfy"),
            ("texts.json", r#"{ "product": 3 }"#, "product is not a string"),
            (
                "texts.json",
                r#"{ "messages": { "reset": { "notes": [1] } } }"#,
                "messages.reset: invalid type: integer `1`, expected a string",
            ),
            (
                "message.txt",
                "{{ link",
                "syntax error: unexpected end of input, expected end of variable block (in message.txt:1)",
            ),
            (
                "message.html",
                "{{ lnik }}",
                "undefined value: lnik; the variables are action, copy_link, footer, language, link, notes, occurrences, \
                 paragraphs, product, subject",
            ),
        ] {
            let folder = tempfile::tempdir().expect("a folder");
            fs::write(folder.path().join(file), text).expect("written");
            let found = load(Some(folder.path())).expect_err("invalid");
            assert_eq!(found.to_string(), format!("{file}: {error}"));
        }
    }
}
