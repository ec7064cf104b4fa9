//! Named values from outside, read one by one while what is wrong with each is collected.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::http::error::{ApiError, FieldErrors};

/// The values of a request, and what was found wrong with them.
#[derive(Debug)]
pub(in crate::http) struct Fields {
    values: HashMap<String, Value>,
    /// Keys whose value is `null`: absent, but where a change removes something.
    nulls: HashSet<String>,
    is_form: bool,
    is_object: bool,
    errors: FieldErrors,
}

impl Fields {
    /// From JSON: `null` is absent.
    pub(in crate::http) fn json(values: Map<String, Value>) -> Self {
        let (nulls, values): (HashMap<_, _>, _) = values.into_iter().partition(|(_, value)| value.is_null());
        Self { nulls: nulls.into_keys().collect(), ..Self::new(values, false) }
    }

    /// None at all.
    pub(in crate::http) fn none() -> Self {
        Self::new(HashMap::new(), false)
    }

    /// From JSON that is no object.
    pub(in crate::http) fn other_json() -> Self {
        Self { is_object: false, ..Self::none() }
    }

    /// From a query: all values are texts.
    pub(in crate::http) fn query(text: &str) -> Self {
        let pairs = form_urlencoded::parse(text.as_bytes());
        Self::new(pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect(), true)
    }

    /// From a form: all values are texts, and an empty one is absent, as browsers send what was not filled in.
    pub(in crate::http) fn form(pairs: form_urlencoded::Parse<'_>) -> Self {
        let filled = pairs.filter(|(_, value)| !value.is_empty());
        Self::new(filled.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect(), true)
    }

    fn new(values: HashMap<String, Value>, is_form: bool) -> Self {
        Self { values, nulls: HashSet::new(), is_form, is_object: true, errors: FieldErrors::new() }
    }

    /// A text as it was sent, for a form that is shown again.
    pub(in crate::http) fn typed(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(Value::as_str)
    }

    /// A text that must be there.
    pub(in crate::http) fn text(&mut self, name: &'static str) -> Option<String> {
        if !self.values.contains_key(name) {
            self.error(name, "is missing");
        }
        self.optional_text(name)
    }

    /// A text that may be absent.
    pub(in crate::http) fn optional_text(&mut self, name: &'static str) -> Option<String> {
        match self.values.remove(name)? {
            Value::String(text) => Some(text),
            _ => {
                self.error(name, "must be a text");
                None
            }
        }
    }

    /// Whether it is there, and `null`.
    pub(in crate::http) fn is_null(&self, name: &str) -> bool {
        self.nulls.contains(name)
    }

    /// Yes or no, no where it is absent. A ticked box of a form is `on`.
    pub(in crate::http) fn flag(&mut self, name: &'static str) -> bool {
        self.flag_or(name, false)
    }

    /// Yes or no, `default` where it is absent.
    pub(in crate::http) fn flag_or(&mut self, name: &'static str, default: bool) -> bool {
        match self.values.remove(name) {
            None => default,
            Some(Value::Bool(flag)) => flag,
            Some(Value::String(text)) if self.is_form && matches!(text.as_str(), "on" | "true") => true,
            Some(Value::String(text)) if self.is_form && text == "false" => false,
            Some(_) => {
                self.error(name, "must be true or false");
                false
            }
        }
    }

    /// A positive whole number of a query, `default` where it is absent.
    pub(in crate::http) fn number(&mut self, name: &'static str, max: i64, default: i64) -> i64 {
        self.optional_number(name, max).unwrap_or(default)
    }

    /// A positive whole number of a query that may be absent.
    pub(in crate::http) fn optional_number(&mut self, name: &'static str, max: i64) -> Option<i64> {
        let text = self.optional_text(name)?;
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| is_plain && (1..=max).contains(number));
        if number.is_none() {
            let bounds = if max == i64::MAX {
                "must be a positive whole number".to_owned()
            } else {
                format!("must be a whole number from 1 to {max}")
            };
            self.error(name, &bounds);
        }
        number
    }

    /// What `parse` makes of a value, or notes why it cannot.
    pub(in crate::http) fn check<T, E: ToString>(&mut self, name: &'static str, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|error| self.error(name, &error.to_string())).ok()
    }

    /// Whether nothing was found wrong yet.
    pub(in crate::http) fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    fn error(&mut self, name: &'static str, error: &str) {
        self.errors.insert(name, error.to_owned());
    }

    /// All that was found wrong, where something was.
    pub(in crate::http) fn finish(mut self) -> Result<(), ApiError> {
        if self.errors.is_empty() && !self.is_object {
            self.error("body", "must be an object");
        }
        if self.errors.is_empty() { Ok(()) } else { Err(ApiError::InvalidFields(self.errors)) }
    }
}
