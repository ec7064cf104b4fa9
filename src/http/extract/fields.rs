//! Reads the fields of a request one by one and collects the error of each.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use serde_json::{Map, Value};

use crate::{
    accounts::Confirmation,
    base::clock::Timestamp,
    credentials::sessions::Transport,
    http::error::{ApiError, FieldErrors},
};

/// The fields of a request and the errors found so far.
#[derive(Clone, Debug)]
pub(in crate::http) struct Fields {
    values: HashMap<String, Value>,
    /// Fields whose value is `null`. They count as absent, except in updates, where `null` removes a value.
    nulls: HashSet<String>,
    is_form: bool,
    is_object: bool,
    errors: FieldErrors,
}

impl Fields {
    /// From a JSON object. Fields that are `null` count as absent.
    pub(in crate::http) fn json(values: Map<String, Value>) -> Self {
        let (nulls, values): (HashMap<_, _>, _) = values.into_iter().partition(|(_, value)| value.is_null());
        Self { nulls: nulls.into_keys().collect(), ..Self::new(values, false) }
    }

    /// No fields.
    pub(in crate::http) fn none() -> Self {
        Self::new(HashMap::new(), false)
    }

    /// From JSON that is not an object.
    pub(in crate::http) fn other_json() -> Self {
        Self { is_object: false, ..Self::none() }
    }

    /// From a query string. All values are text.
    pub(in crate::http) fn query(text: &str) -> Self {
        let pairs = form_urlencoded::parse(text.as_bytes());
        Self::new(pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect(), true)
    }

    /// From a form. All values are text, and empty ones count as absent, because browsers send fields that were left
    /// blank.
    pub(in crate::http) fn form(pairs: form_urlencoded::Parse<'_>) -> Self {
        let filled = pairs.filter(|(_, value)| !value.is_empty());
        Self::new(filled.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect(), true)
    }

    fn new(values: HashMap<String, Value>, is_form: bool) -> Self {
        Self { values, nulls: HashSet::new(), is_form, is_object: true, errors: FieldErrors::new() }
    }

    /// The text as submitted, for showing the form again.
    pub(in crate::http) fn submitted_text(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(Value::as_str)
    }

    /// Whether the field is there, whatever its value.
    pub(in crate::http) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The confirmation of a request that has no other field, and needs it only if the session is not fresh.
    pub(in crate::http) fn into_confirmation(mut self) -> Result<Option<Confirmation>, ApiError> {
        let confirmation = self.confirmation("current_password");
        self.finish()?;
        Ok(confirmation)
    }

    /// The password in the field `password`, or the code that was mailed in its place.
    pub(in crate::http) fn confirmation(&mut self, password: &'static str) -> Option<Confirmation> {
        let (password, code) = (self.optional_text(password), self.optional_text("confirmation_code"));
        let code = code.map(|code| Confirmation::Code(code.split_whitespace().collect()));
        password.map(Confirmation::Password).or(code)
    }

    /// A required text.
    pub(in crate::http) fn text(&mut self, name: &'static str) -> Option<String> {
        if !self.values.contains_key(name) {
            self.error(name, "is missing");
        }
        self.optional_text(name)
    }

    /// An optional text.
    pub(in crate::http) fn optional_text(&mut self, name: &'static str) -> Option<String> {
        match self.values.remove(name)? {
            Value::String(text) => Some(text),
            _ => {
                self.error(name, "must be a string");
                None
            }
        }
    }

    /// A required JSON object.
    #[cfg(feature = "passkeys")]
    pub(in crate::http) fn object(&mut self, name: &'static str) -> Option<Value> {
        match self.values.remove(name) {
            Some(object @ Value::Object(_)) => return Some(object),
            Some(_) => self.error(name, "must be an object"),
            None => self.error(name, "is missing"),
        }
        None
    }

    /// A required list of words. Forms send them in one text, separated by spaces.
    pub(in crate::http) fn words(&mut self, name: &'static str) -> Option<Vec<String>> {
        let words = match self.values.remove(name) {
            None => {
                self.error(name, "is missing");
                return None;
            }
            Some(Value::String(text)) if self.is_form => Some(text.split_whitespace().map(str::to_owned).collect()),
            Some(Value::Array(values)) => values.iter().map(|value| value.as_str().map(str::to_owned)).collect(),
            Some(_) => None,
        };
        if words.is_none() {
            self.error(name, "must be a list of strings");
        }
        words
    }

    /// A whole number from 1 to `max` in a JSON body, with a default.
    pub(in crate::http) fn count(&mut self, name: &'static str, max: i64, default: i64) -> i64 {
        let Some(value) = self.values.remove(name) else { return default };
        let count = value.as_i64().filter(|count| (1..=max).contains(count));
        if count.is_none() {
            self.error(name, &format!("must be a whole number from 1 to {max}"));
        }
        count.unwrap_or(default)
    }

    /// A required whole number from `min` to `max` in a JSON body.
    pub(in crate::http) fn whole_number(&mut self, name: &'static str, min: i64, max: i64) -> Option<i64> {
        let Some(value) = self.values.remove(name) else {
            self.error(name, "is missing");
            return None;
        };
        let number = value.as_i64().filter(|number| (min..=max).contains(number));
        if number.is_none() {
            self.error(name, &format!("must be a whole number from {min} to {max}"));
        }
        number
    }

    /// An optional time after `now`. Browsers have a field for days, so forms may send the day, which starts at
    /// midnight in UTC.
    pub(in crate::http) fn optional_future(&mut self, name: &'static str, now: Timestamp) -> Option<Timestamp> {
        let text = self.optional_text(name)?;
        let time = if self.is_form { Timestamp::from_time_or_day(&text) } else { text.parse() };
        let future = time.and_then(|time| if time > now { Ok(time) } else { Err("must be in the future") });
        self.check(name, future)
    }

    /// Reports each field whose name is not in this list. To be called before fields are taken.
    pub(in crate::http) fn deny_others(&mut self, known: &[&str]) {
        let names = self.values.keys().chain(&self.nulls);
        let others: Vec<_> = names.filter(|name| !known.contains(&name.as_str())).cloned().collect();
        others.into_iter().for_each(|name| self.error(name, "is unknown"));
    }

    /// Whether the field is present, be it with the value `null`. To be asked before it is taken.
    pub(in crate::http) fn is_named(&self, name: &str) -> bool {
        self.values.contains_key(name) || self.is_null(name)
    }

    /// Whether the field is present with the value `null`.
    pub(in crate::http) fn is_null(&self, name: &str) -> bool {
        self.nulls.contains(name)
    }

    /// A Boolean that defaults to `false`. Forms send `on` for a checked box.
    pub(in crate::http) fn flag(&mut self, name: &'static str) -> bool {
        self.flag_or(name, false)
    }

    /// A Boolean with a default.
    pub(in crate::http) fn flag_or(&mut self, name: &'static str, default: bool) -> bool {
        self.optional_flag(name).unwrap_or(default)
    }

    /// An optional Boolean.
    pub(in crate::http) fn optional_flag(&mut self, name: &'static str) -> Option<bool> {
        match self.values.remove(name)? {
            Value::Bool(flag) => Some(flag),
            Value::String(text) if self.is_form && matches!(text.as_str(), "on" | "true") => Some(true),
            Value::String(text) if self.is_form && text == "false" => Some(false),
            _ => {
                self.error(name, "must be true or false");
                None
            }
        }
    }

    /// How the client wants to send the token of its session.
    pub(in crate::http) fn transport(&mut self) -> Transport {
        match self.optional_text("transport").as_deref() {
            None | Some("cookie") => Transport::Cookie,
            Some("bearer") => Transport::Bearer,
            Some(_) => {
                self.error("transport", "must be cookie or bearer");
                Transport::Cookie
            }
        }
    }

    /// A positive whole number in a query string, with a default.
    pub(in crate::http) fn number(&mut self, name: &'static str, max: i64, default: i64) -> i64 {
        self.optional_number(name, max).unwrap_or(default)
    }

    /// An optional positive whole number in a query string.
    pub(in crate::http) fn optional_number(&mut self, name: &'static str, max: i64) -> Option<i64> {
        let text = self.optional_text(name)?;
        let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| is_digits && (1..=max).contains(number));
        if number.is_none() {
            let rule = if max == i64::MAX {
                "must be a positive whole number".to_owned()
            } else {
                format!("must be a whole number from 1 to {max}")
            };
            self.error(name, &rule);
        }
        number
    }

    /// Returns the parsed value, or records its error for the field.
    pub(in crate::http) fn check<T, E: ToString>(&mut self, name: &'static str, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|error| self.error(name, &error.to_string())).ok()
    }

    /// Whether no error has been found so far.
    pub(in crate::http) fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    fn error(&mut self, name: impl Into<Cow<'static, str>>, error: &str) {
        self.errors.insert(name.into(), error.to_owned());
    }

    /// As [`Self::finish`], for a query that says what is listed or ended: a parameter that was not read is an error, because
    /// it would be taken for a filter and match everything.
    pub(in crate::http) fn finish_filter(mut self) -> Result<(), ApiError> {
        if let Some(unknown) = self.values.keys().min() {
            let unknown = format!("there is no parameter {unknown}");
            self.error("query", &unknown);
        }
        self.finish()
    }

    /// Fails with all errors that were found.
    pub(in crate::http) fn finish(mut self) -> Result<(), ApiError> {
        if self.errors.is_empty() && !self.is_object {
            self.error("body", "must be an object");
        }
        if self.errors.is_empty() { Ok(()) } else { Err(ApiError::InvalidFields(self.errors)) }
    }
}
