//! Reads settings from the environment and the file `.env`, and collects errors.

use std::{
    collections::HashMap,
    fmt::{self, Display},
    io, thread,
};

/// Docker's `--env-file` does not remove quotation marks; `.env`, shells and systemd do.
const QUOTED: &str = "; its value has quotation marks that are part of it: remove them";

/// One line per invalid setting.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError(pub Vec<String>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for ConfigError {}

/// Raw values, and the errors found while parsing them.
pub(super) struct Settings {
    values: HashMap<String, String>,
    errors: Vec<String>,
    #[cfg(test)]
    pub(super) read: Vec<&'static str>,
}

impl Settings {
    pub(super) fn new(mut values: HashMap<String, String>) -> Self {
        values.retain(|_, value| !value.is_empty());
        Self {
            values,
            errors: Vec::new(),
            #[cfg(test)]
            read: Vec::new(),
        }
    }

    /// The raw value of a setting, if it is set.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The names of all values.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// Parses a setting; returns `None` if it is not set or invalid.
    pub(super) fn parse<T>(&mut self, name: &'static str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        #[cfg(test)]
        self.read.push(name);
        self.parse_value(name, parse)
    }

    /// As [`Self::parse`], for a setting whose name depends on the value of another one.
    pub(super) fn parse_value<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        match parse(self.get(name)?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.error(name, error);
                None
            }
        }
    }

    /// Records an error. It names the setting but never its value, which may be a secret.
    pub(super) fn error(&mut self, name: &str, error: impl Display) {
        let hint = if self.get(name).is_some_and(is_quoted) { QUOTED } else { "" };
        self.errors.push(format!("{name} {error}{hint}"));
    }

    pub(super) fn finish<T>(self, config: T) -> Result<T, ConfigError> {
        if self.errors.is_empty() { Ok(config) } else { Err(ConfigError(self.errors)) }
    }
}

/// Whether a value still has its quotation marks.
pub(super) fn is_quoted(value: &str) -> bool {
    ['"', '\''].into_iter().any(|mark| value.len() > 1 && value.starts_with(mark) && value.ends_with(mark))
}

/// The environment, which takes precedence over the file `.env`.
///
/// `dotenvy::dotenv` is not used because it modifies the process's environment, which is unsound once there are
/// threads.
pub(super) fn environment() -> Result<HashMap<String, String>, ConfigError> {
    let mut values = file()?;
    let environment = std::env::vars_os();
    // A value that is not UTF-8 is converted rather than dropped, so that it is reported as invalid.
    values.extend(
        environment.filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))),
    );
    Ok(values)
}

/// The values in the file `.env`; empty if it does not exist.
pub(super) fn file() -> Result<HashMap<String, String>, ConfigError> {
    match dotenvy::dotenv_iter() {
        Ok(lines) => values(lines),
        Err(dotenvy::Error::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(HashMap::new()),
        Err(error) => Err(unreadable(&error, None)),
    }
}

fn values(
    lines: impl Iterator<Item = dotenvy::Result<(String, String)>>,
) -> Result<HashMap<String, String>, ConfigError> {
    let (mut values, mut last) = (HashMap::new(), None);
    for line in lines {
        let (name, value) = line.map_err(|error| unreadable(&error, last.as_deref()))?;
        last = Some(name.clone());
        values.insert(name, value);
    }
    Ok(values)
}

/// dotenvy's own message repeats the line, which may contain a secret, and has no line number. `last` is the setting
/// before the error.
fn unreadable(error: &dotenvy::Error, last: Option<&str>) -> ConfigError {
    let reason = match (error, last) {
        (dotenvy::Error::Io(error), _) => error.to_string(),
        (_, Some(last)) => format!("the line after {last} is not NAME=value; values with spaces need quotes"),
        (_, None) => "the first line is not NAME=value; values with spaces need quotes".to_owned(),
    };
    ConfigError(vec![format!(".env cannot be read: {reason}")])
}

/// The number of cores that this process may use; 1 if that is unknown.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}
