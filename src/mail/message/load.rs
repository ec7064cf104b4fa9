//! Loads the texts and layouts.

use std::{fs, io, mem::discriminant, path::Path};

use lettre::message::Mailbox;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde_json::{Value, map::Entry};
use strum::VariantArray;

use super::{HTML, TEXT, TEXTS, TemplateError, Texts, invalid, render::MessageTexts};
use crate::{
    config::SiteConfig,
    mail::outbox::{MessageKind, Payload},
    texts::Language,
};

impl Texts {
    /// Loads the texts and layouts, from this folder if it has them, and renders each message once as a check.
    ///
    /// # Errors
    /// A file cannot be read, or is invalid.
    pub fn load(folder: Option<&Path>, from: &str, app_url: &str, site: &SiteConfig) -> Result<Self, TemplateError> {
        let mut engine = Environment::new();
        // A misspelt name is an error rather than a gap in the text.
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        engine.set_auto_escape_callback(|name| if name == HTML.0 { AutoEscape::Html } else { AutoEscape::None });
        for (file, built_in) in [TEXT, HTML] {
            let source = own(folder, file)?.unwrap_or_else(|| built_in.to_owned());
            engine.add_template_owned(file, source).map_err(|error| invalid(file, &error))?;
        }
        let language = site.texts.language;
        let mut texts = parse(built_in(language))?;
        if let Value::Object(texts) = &mut texts {
            texts.insert("product".to_owned(), Value::String(site.name.clone()));
        }
        if let Some(own) = own(folder, TEXTS)? {
            merge(&mut texts, parse(&own)?, "")?;
        }
        let mut from =
            from.parse::<Mailbox>().map_err(|error| TemplateError { file: "MAIL_FROM", cause: format!("{error}") })?;
        // The setting has its own name, or the publisher's.
        if from.name.is_none() && site.is_named {
            from.name = Some(site.name.clone());
        }
        let texts = Self {
            engine,
            texts,
            from,
            app_url: app_url.to_owned(),
            language: language.into_str(),
            name: site.is_named.then(|| site.name.clone()),
        };
        texts.check()?;
        Ok(texts)
    }

    fn check(&self) -> Result<(), TemplateError> {
        let sample = Payload { username: Some("ada".to_owned()), ..Payload::default() };
        for kind in MessageKind::VARIANTS.iter().copied().filter(|kind| !kind.is_request()) {
            for payload in [&sample, &Payload::default()] {
                self.render(kind, payload, Some("token"))?;
            }
        }
        Ok(())
    }
}

/// JSON instead of Fluent, because an owner's file may also replace the number of paragraphs.
fn built_in(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("../../../locales/en/mail.json"),
        Language::German => include_str!("../../../locales/de/mail.json"),
        Language::French => include_str!("../../../locales/fr/mail.json"),
        Language::Spanish => include_str!("../../../locales/es/mail.json"),
    }
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

fn parse(texts: &str) -> Result<Value, TemplateError> {
    serde_json::from_str(texts).map_err(|error| invalid(TEXTS, &error))
}

/// Replaces the values that an owner has written. `path` names the values in an error, such as `messages.reset`.
fn merge(built_in: &mut Value, own: Value, path: &str) -> Result<(), TemplateError> {
    match (built_in, own) {
        (Value::Object(built_in), Value::Object(own)) => {
            for (name, value) in own {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let is_optional = MessageTexts::OPTIONAL.contains(&name.as_str()) && path.starts_with("messages.");
                match built_in.entry(name) {
                    Entry::Occupied(built_in) => merge(built_in.into_mut(), value, &path)?,
                    Entry::Vacant(missing) if is_optional => _ = missing.insert(value),
                    Entry::Vacant(_) => return Err(invalid(TEXTS, &format_args!("there is no text {path}"))),
                }
            }
            Ok(())
        }
        (built_in, own) if discriminant(built_in) == discriminant(&own) => {
            *built_in = own;
            Ok(())
        }
        (built_in, _) => {
            let expected = if built_in.is_string() { "a string" } else { "an array of strings" };
            let expected = if built_in.is_object() { "an object" } else { expected };
            Err(invalid(TEXTS, &format_args!("{path} is not {expected}")))
        }
    }
}
