//! What a server has logged, as JSON.

use std::{fs, path::Path};

use serde_json::Value;

/// The causes that are logged as errors, in order, each with the number of its request.
pub(crate) fn errors(log: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(log).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let errors = lines.filter(|line| line["level"] == "ERROR");
    let field = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    errors.map(|line| (field(&line, "request_id"), field(&line, "cause"))).collect()
}
