//! The texts and layouts of messages. All texts are in one file, `texts.json`; an owner's folder may replace some of
//! them, or the layouts.

use std::{
    fs, io,
    path::Path,
    time::{Duration, UNIX_EPOCH},
};

use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Body, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use serde::{Deserialize, Serialize};

use super::outbox::{Kind, Occurrence, Payload};
use crate::{clock::Timestamp, device, models::outbox::Queued};

const TEXTS: (&str, &str) = ("texts.json", include_str!("../../templates/mail/texts.json"));
const TEXT: (&str, &str) = ("message.txt", include_str!("../../templates/mail/message.txt"));
const HTML: (&str, &str) = ("message.html", include_str!("../../templates/mail/message.html"));

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

/// The texts of a message, which are templates themselves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageTexts {
    subject: String,
    paragraphs: Vec<String>,
    #[serde(default)]
    action: String,
    #[serde(default)]
    notes: Vec<String>,
}

/// Everything that messages are made of.
#[derive(Debug)]
pub struct Texts {
    engine: Environment<'static>,
    texts: serde_json::Value,
    from: Mailbox,
    app_url: String,
}

/// What the texts may mention.
#[derive(Serialize)]
struct Mentions<'m> {
    product: &'m str,
    site: &'m str,
    username: Option<&'m str>,
}

impl Texts {
    /// Loads the texts and layouts, from this folder if it has them, and tries each message.
    ///
    /// # Errors
    /// A file cannot be read, or is invalid.
    pub fn load(folder: Option<&Path>, from: &str, app_url: &str) -> Result<Self, TemplateError> {
        let mut engine = Environment::new();
        // A misspelt name is an error rather than a gap in the text.
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        engine.set_auto_escape_callback(|name| if name == HTML.0 { AutoEscape::Html } else { AutoEscape::None });
        for (file, built_in) in [TEXT, HTML] {
            let source = own(folder, file)?.unwrap_or_else(|| built_in.to_owned());
            engine.add_template_owned(file, source).map_err(|error| invalid(file, &error))?;
        }
        let mut texts = parse(TEXTS.1)?;
        if let Some(own) = own(folder, TEXTS.0)? {
            merge(&mut texts, parse(&own)?);
        }
        let from =
            from.parse::<Mailbox>().map_err(|error| TemplateError { file: "MAIL_FROM", cause: format!("{error}") })?;
        let texts = Self { engine, texts, from, app_url: app_url.to_owned() };
        texts.check()?;
        Ok(texts)
    }

    fn check(&self) -> Result<(), TemplateError> {
        let sample = Payload { username: Some("ada".to_owned()), ..Payload::default() };
        for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::ResetRequest) {
            for payload in [&sample, &Payload::default()] {
                self.render(kind, payload, Some("token"))?;
            }
        }
        Ok(())
    }

    /// Builds the message to send.
    ///
    /// # Errors
    /// The recipient is not a valid address, or a text cannot be rendered.
    pub(super) fn message(
        &self,
        queued: &Queued,
        kind: Kind,
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

    fn render(&self, kind: Kind, payload: &Payload, token: Option<&str>) -> Result<Rendered, TemplateError> {
        let texts = self.texts.pointer(&format!("/messages/{}", kind.as_str())).cloned().unwrap_or_default();
        let texts: MessageTexts = serde_json::from_value(texts).map_err(|error| invalid(TEXTS.0, &error))?;
        let product = self.common("product");
        let site = self.app_url.split_once("://").map_or(self.app_url.as_str(), |(_, rest)| rest);
        let mentions = Mentions { product, site, username: payload.username.as_deref().filter(|name| is_plain(name)) };
        let fill = |text: &str| self.engine.render_str(text, &mentions).map_err(|error| invalid(TEXTS.0, &error));
        let fill_all = |texts: &[String]| texts.iter().map(|text| fill(text)).collect::<Result<Vec<_>, _>>();
        let subject = fill(&texts.subject)?;
        let link = kind.link_path().zip(token).map(|(path, token)| format!("{}{path}?token={token}", self.app_url));
        let values = context! {
            subject => subject,
            product => product,
            paragraphs => fill_all(&texts.paragraphs)?,
            action => fill(&texts.action)?,
            notes => fill_all(&texts.notes)?,
            occurrences => self.occurrences(payload),
            link => link,
            copy_link => fill(self.common("copy_link"))?,
            footer => fill(self.common("footer"))?,
        };
        let (text, html) = (self.layout(TEXT.0, &values)?, self.layout(HTML.0, &values)?);
        Ok(Rendered { subject, text, html })
    }

    /// What a notice reports, as it is shown. Blocks.
    fn occurrences(&self, payload: &Payload) -> Vec<Shown> {
        let show = |Occurrence { kind, at, ip, user_agent }: &Occurrence| Shown {
            time: minute(Timestamp::from_millis(*at)),
            what: self
                .texts
                .pointer(&format!("/occurrences/{kind}"))
                .and_then(|text| text.as_str())
                .unwrap_or(kind)
                .to_owned(),
            device: plain_device(user_agent.as_deref()),
            network: ip.clone(),
        };
        payload.occurrences.iter().map(show).collect()
    }

    fn common(&self, name: &str) -> &str {
        self.texts.get(name).and_then(serde_json::Value::as_str).unwrap_or_default()
    }

    fn layout(&self, file: &'static str, values: &Value) -> Result<String, TemplateError> {
        let rendered = self.engine.get_template(file).and_then(|template| template.render(values));
        rendered.map_err(|error| invalid(file, &error))
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

/// An occurrence as the layouts show it.
#[derive(Serialize)]
struct Shown {
    time: String,
    what: String,
    device: String,
    network: String,
}

/// Such as `2026-11-21 10:00 UTC`.
fn minute(time: Timestamp) -> String {
    let text = time.to_string();
    let minute: String = text.chars().take(16).map(|letter| if letter == 'T' { ' ' } else { letter }).collect();
    format!("{minute} UTC")
}

/// The user agent is the client's to choose, so that a label might be an address.
fn plain_device(user_agent: Option<&str>) -> String {
    let label = device::label(user_agent);
    if label.chars().all(|letter| letter == ' ' || is_plain_letter(letter)) { label } else { device::label(None) }
}

struct Rendered {
    subject: String,
    text: String,
    html: String,
}

/// Mail programs turn a name such as `https://evil.example` into a link, so a message only mentions names that cannot
/// be taken for an address.
fn is_plain(name: &str) -> bool {
    name.chars().all(is_plain_letter)
}

fn is_plain_letter(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '-' | '_')
}

/// The address with its domain in ASCII, which every server accepts.
fn address(recipient: &str) -> Option<Address> {
    let (local, domain) = recipient.rsplit_once('@')?;
    Address::new(local, idna::domain_to_ascii(domain).ok()?).ok()
}

/// The content of a file in the owner's folder, if it exists.
fn own(folder: Option<&Path>, file: &'static str) -> Result<Option<String>, TemplateError> {
    let Some(folder) = folder else { return Ok(None) };
    match fs::read_to_string(folder.join(file)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(TemplateError { file, cause: error.to_string() }),
    }
}

fn parse(texts: &str) -> Result<serde_json::Value, TemplateError> {
    serde_json::from_str(texts).map_err(|error| invalid(TEXTS.0, &error))
}

/// Replaces the values that an owner has written.
fn merge(built_in: &mut serde_json::Value, own: serde_json::Value) {
    match (built_in, own) {
        (serde_json::Value::Object(built_in), serde_json::Value::Object(own)) => {
            for (name, value) in own {
                merge(built_in.entry(name).or_insert(serde_json::Value::Null), value);
            }
        }
        (built_in, own) => *built_in = own,
    }
}

fn invalid(file: &'static str, error: &impl std::fmt::Display) -> TemplateError {
    TemplateError { file, cause: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "Blog <blog@blog.example>";

    fn built_in() -> Texts {
        Texts::load(None, FROM, "https://blog.example").expect("the built-in texts are valid")
    }

    #[test]
    fn a_name_that_could_be_a_link_is_not_mentioned() {
        for (name, is_mentioned) in [("ada", true), ("https://evil.example/", false), ("evil.example", false)] {
            let payload = Payload { username: Some(name.to_owned()), ..Payload::default() };
            let rendered = built_in().render(Kind::Reset, &payload, Some("t")).expect("it renders");
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
        let texts = Texts::load(Some(folder.path()), FROM, "https://blog.example").expect("valid");
        let payload = Payload { username: Some("ada".to_owned()), ..Payload::default() };
        let rendered = texts.render(Kind::Reset, &payload, Some("t")).expect("it renders");
        assert_eq!((rendered.subject.as_str(), rendered.html.as_str()), ("Forgot it, ada?", "<b>Ada&#x27;s blog</b>"));
        assert!(rendered.text.contains("https://blog.example/reset-password?token=t"), "{}", rendered.text);
    }

    #[test]
    fn an_invalid_template_is_reported_with_its_file() {
        for (file, text) in [
            ("texts.json", "{"),
            ("texts.json", r#"{ "messages": { "verify": { "subject": "{{ usrname }}" } } }"#),
            ("texts.json", r#"{ "messages": { "verify": { "titel": "x" } } }"#),
            ("message.txt", "{{ link"),
            ("message.html", "{{ lnik }}"),
        ] {
            let folder = tempfile::tempdir().expect("a folder");
            fs::write(folder.path().join(file), text).expect("written");
            let error =
                Texts::load(Some(folder.path()), FROM, "https://blog.example").expect_err("invalid").to_string();
            assert!(error.starts_with(&format!("{file}: ")), "{error}");
        }
    }
}
