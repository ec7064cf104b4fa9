//! Reads settings from the environment and the file `.env`, and collects errors.

use std::{collections::HashMap, fmt::Display, io};

use super::ConfigError;

/// Raw values, and the errors found while parsing them.
pub(super) struct Settings {
    values: HashMap<String, String>,
    errors: Vec<String>,
}

impl Settings {
    pub(super) fn new(mut values: HashMap<String, String>) -> Self {
        values.retain(|_, value| !value.is_empty());
        Self { values, errors: Vec::new() }
    }

    /// Parses a setting; returns `default` if it is not set or invalid.
    pub(super) fn get<T, E: Display>(&mut self, name: &str, default: T, parse: impl FnOnce(&str) -> Result<T, E>) -> T {
        self.find(name, parse).unwrap_or(default)
    }

    /// Parses a setting; returns `None` if it is not set or invalid.
    pub(super) fn find<T, E: Display>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        match parse(self.values.get(name)?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.error(name, error);
                None
            }
        }
    }

    pub(super) fn flag(&mut self, name: &str, default: bool) -> bool {
        self.find_flag(name).unwrap_or(default)
    }

    pub(super) fn find_flag(&mut self, name: &str) -> Option<bool> {
        self.find(name, |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("must be true or false"),
        })
    }

    /// Records an error. It names the setting but never its value, which may be a secret.
    pub(super) fn error(&mut self, name: &str, error: impl Display) {
        self.errors.push(format!("{name} {error}"));
    }

    pub(super) fn finish<T>(self, config: T) -> Result<T, ConfigError> {
        if self.errors.is_empty() { Ok(config) } else { Err(ConfigError(self.errors)) }
    }
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
    ConfigError(vec![format!("cannot read .env: {reason}")])
}

/// Parses a number within bounds.
pub(super) fn number<T>(text: &str, min: T, max: T) -> Result<T, String>
where
    T: std::str::FromStr + PartialOrd + Display + Copy,
{
    match text.parse() {
        Ok(number) if number >= min && number <= max => Ok(number),
        _ => Err(format!("must be a whole number from {min} to {max}")),
    }
}
