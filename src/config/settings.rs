//! Names and values on one side, parsed settings and collected faults on the other.

use std::{collections::HashMap, fmt::Display, io};

use super::ConfigError;

/// What was set, and what turned out wrong while it was read.
pub(super) struct Settings {
    values: HashMap<String, String>,
    errors: Vec<String>,
}

impl Settings {
    pub(super) fn new(mut values: HashMap<String, String>) -> Self {
        values.retain(|_, value| !value.is_empty());
        Self { values, errors: Vec::new() }
    }

    /// The setting as `parse` understands it, or `default` where it is absent or wrong.
    pub(super) fn get<T, E: Display>(&mut self, name: &str, default: T, parse: impl FnOnce(&str) -> Result<T, E>) -> T {
        self.find(name, parse).unwrap_or(default)
    }

    /// The setting as `parse` understands it; `None` where it is absent or wrong.
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

    /// Notes a fault. It names the setting, and never its value: that may be a secret.
    pub(super) fn error(&mut self, name: &str, error: impl Display) {
        self.errors.push(format!("{name} {error}"));
    }

    pub(super) fn finish<T>(self, config: T) -> Result<T, ConfigError> {
        if self.errors.is_empty() { Ok(config) } else { Err(ConfigError(self.errors)) }
    }
}

/// The environment, over what the file `.env` says.
///
/// `dotenvy::dotenv` would write into the process's environment, which is not safe once there are threads.
pub(super) fn environment() -> Result<HashMap<String, String>, ConfigError> {
    let mut values = file()?;
    let environment = std::env::vars_os();
    // A value that is no text is no setting either, and is to be found wrong.
    values.extend(
        environment.filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))),
    );
    Ok(values)
}

/// What the file `.env` says; nothing where there is none.
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

/// dotenvy's own message repeats the line, which may hold a secret; it does not tell the number. `last` is the setting
/// before it.
fn unreadable(error: &dotenvy::Error, last: Option<&str>) -> ConfigError {
    let reason = match (error, last) {
        (dotenvy::Error::Io(error), _) => error.to_string(),
        (_, Some(last)) => format!("what comes after {last} is not NAME=value; one with spaces needs quotes"),
        (_, None) => "its first line is not NAME=value; one with spaces needs quotes".to_owned(),
    };
    ConfigError(vec![format!(".env cannot be read: {reason}")])
}

/// A number within bounds.
pub(super) fn number<T>(text: &str, min: T, max: T) -> Result<T, String>
where
    T: std::str::FromStr + PartialOrd + Display + Copy,
{
    match text.parse() {
        Ok(number) if number >= min && number <= max => Ok(number),
        _ => Err(format!("must be a whole number from {min} to {max}")),
    }
}
