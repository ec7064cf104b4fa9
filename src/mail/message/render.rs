//! Fills the texts and layouts with the values of a message.

use std::collections::BTreeSet;

use minijinja::{Error, ErrorKind, Template, Value, context};
use serde::{Deserialize, Serialize};

use super::{HTML, TEXT, TEXTS, TemplateError, Texts, invalid};
use crate::{
    base::{clock::Timestamp, device::Device, secrets},
    mail::outbox::{MessageKind, Occurrence, Payload},
};

/// The texts of a message, which are templates themselves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageTexts {
    subject: String,
    paragraphs: Vec<String>,
    #[serde(default)]
    action: String,
    #[serde(default)]
    notes: Vec<String>,
}

impl MessageTexts {
    pub(super) const OPTIONAL: [&str; 2] = ["action", "notes"];
}

/// The variables of the texts.
#[derive(Serialize)]
struct Variables<'m> {
    /// The name that the publisher chose.
    name: Option<&'m str>,
    /// The name and the host, or the host alone.
    place: &'m str,
    product: &'m str,
    site: &'m str,
    username: Option<&'m str>,
    /// The code that belongs to the link of the message.
    code: Option<String>,
}

impl Texts {
    pub(super) fn render(
        &self,
        kind: MessageKind,
        payload: &Payload,
        token: Option<&str>,
    ) -> Result<Rendered, TemplateError> {
        let kind_name = kind.into_str();
        let texts = self.texts.pointer(&format!("/messages/{kind_name}")).cloned().unwrap_or_default();
        let texts: MessageTexts = serde_json::from_value(texts)
            .map_err(|error| invalid(TEXTS, &format_args!("messages.{kind_name}: {error}")))?;
        let product = self.common("product");
        let site = self.app_url.split_once("://").map_or(self.app_url.as_str(), |(_, rest)| rest);
        let name = self.name.as_deref();
        let place = name.map_or_else(|| site.to_owned(), |name| format!("{name} ({site})"));
        let username = payload.username.as_deref().filter(|name| is_plain(name));
        let code = token.filter(|_| kind.has_code()).map(secrets::code);
        let variables = Value::from_serialize(Variables { name, place: &place, product, site, username, code });
        let fill = |name: &str, text: &str| self.fill(&format!("messages.{kind_name}.{name}"), text, &variables);
        let fill_all =
            |name: &str, texts: &[String]| texts.iter().map(|text| fill(name, text)).collect::<Result<Vec<_>, _>>();
        let fill_common = |name: &str| self.fill(name, self.common(name), &variables);
        let subject = fill("subject", &texts.subject)?;
        let next =
            payload.next.as_ref().map(|next| form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>());
        let next = next.map(|next| format!("&next={next}")).unwrap_or_default();
        let link = kind.link_path().zip(token);
        let link = link.map(|(path, token)| format!("{}{path}?token={token}{next}", self.app_url));
        let link = link.or_else(|| kind.page().map(|path| format!("{}{path}", self.app_url)));
        let values = context! {
            language => self.language,
            subject => subject,
            product => product,
            paragraphs => fill_all("paragraphs", &texts.paragraphs)?,
            action => fill("action", &texts.action)?,
            notes => fill_all("notes", &texts.notes)?,
            occurrences => self.occurrences(payload)?,
            link => link,
            copy_link => fill_common("copy_link")?,
            footer => fill_common("footer")?,
        };
        let line = context! { subject => subject, ..variables.clone() };
        let subject = self.fill("subject_line", self.common("subject_line"), &line)?;
        let (text, html) = (self.layout(TEXT.0, &values)?, self.layout(HTML.0, &values)?);
        Ok(Rendered { subject, text, html })
    }

    /// What a notice reports, as it is shown. Blocks.
    fn occurrences(&self, payload: &Payload) -> Result<Vec<RenderedOccurrence>, TemplateError> {
        let show = |Occurrence { kind, at, ip, user_agent }: &Occurrence| {
            let what =
                self.texts.pointer(&format!("/occurrences/{kind}")).and_then(|text| text.as_str()).unwrap_or(kind);
            Ok(RenderedOccurrence {
                time: minute(Timestamp::from_millis(*at)),
                what: what.to_owned(),
                device: self.device(user_agent.as_deref())?,
                network: ip.clone(),
            })
        };
        payload.occurrences.iter().map(show).collect()
    }

    /// The client chooses the user agent, so its names might be URLs, which mail programs would turn into links.
    fn device(&self, user_agent: Option<&str>) -> Result<String, TemplateError> {
        let Device { program, system } = Device::of(user_agent);
        let [program, system] = [program, system].map(|name| name.filter(|name| name.split(' ').all(is_plain)));
        match (program, system) {
            (Some(program), Some(system)) => self.fill("device", self.common("device"), &context! { program, system }),
            (Some(name), None) | (None, Some(name)) => Ok(name),
            (None, None) => Ok(self.common("unknown_device").to_owned()),
        }
    }

    fn common(&self, name: &str) -> &str {
        self.texts.get(name).and_then(serde_json::Value::as_str).unwrap_or_default()
    }

    /// Fills a text. `name` is for errors, such as `messages.reset.subject`.
    fn fill(&self, name: &str, text: &str, values: &Value) -> Result<String, TemplateError> {
        let filled = self.engine.template_from_str(text).and_then(|template| {
            template.render(values).map_err(|error| with_unknown_variables(&template, values, error))
        });
        filled.map_err(|error| invalid(TEXTS, &format_args!("{name}: {}", reason(&error))))
    }

    fn layout(&self, file: &'static str, values: &Value) -> Result<String, TemplateError> {
        let rendered = self.engine.get_template(file).and_then(|template| {
            template.render(values).map_err(|error| with_unknown_variables(&template, values, error))
        });
        rendered.map_err(|error| invalid(file, &error))
    }
}

/// Adds which variable it is: the error itself only has the line.
fn with_unknown_variables(template: &Template<'_, '_>, values: &Value, error: Error) -> Error {
    let known: BTreeSet<_> = values.try_iter().into_iter().flatten().map(|name| name.to_string()).collect();
    let used: BTreeSet<_> = template.undeclared_variables(false).into_iter().collect();
    let unknown: Vec<_> = used.difference(&known).map(String::as_str).collect();
    if unknown.is_empty() {
        return error;
    }
    let (unknown, known) = (unknown.join(", "), Vec::from_iter(known).join(", "));
    Error::new(ErrorKind::UndefinedError, format!("{unknown}; the variables are {known}"))
}

/// Without the place: a text is a single line, and its template has no name.
fn reason(error: &Error) -> String {
    let detail = error.detail().map(|detail| format!(": {detail}"));
    format!("{}{}", error.kind(), detail.unwrap_or_default())
}

/// An occurrence as the layouts show it.
#[derive(Serialize)]
struct RenderedOccurrence {
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

pub(super) struct Rendered {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

/// Mail programs turn a name such as `https://evil.example` into a link, so a message only mentions names that cannot
/// be taken for an address.
fn is_plain(name: &str) -> bool {
    name.chars().all(is_plain_letter)
}

fn is_plain_letter(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '-' | '_')
}
