//! Users as JSON lines.

use std::{fmt, io};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Value, error::Category};

use super::{
    fields::Record,
    fields::{Column, Fields},
    lines::Lines,
};

/// Returns the next record, skipping empty lines.
///
/// # Errors
/// The file cannot be read.
pub(super) fn next(lines: &mut Lines) -> io::Result<Option<Record>> {
    while let Some(line) = lines.next()? {
        let mut fields = Fields::default();
        let error = match line.bytes {
            None => Some("the line is too long".to_owned()),
            Some(bytes) if bytes.trim_ascii().is_empty() => continue,
            Some(bytes) => read(bytes, &mut fields).err(),
        };
        return Ok(Some(Record { first_line: line.number, last_line: line.number, fields, error }));
    }
    Ok(None)
}

fn read(bytes: &[u8], fields: &mut Fields) -> Result<(), String> {
    let text = str::from_utf8(bytes.trim_ascii_end()).map_err(|_| "the line is not UTF-8")?;
    let Object(members) = serde_json::from_str(text).map_err(|error| describe(&error))?;
    let (mut columns, mut outcome) = (Vec::new(), Ok(()));
    // All members are processed, so that the name is known even if another member is invalid.
    for (key, value) in members {
        outcome = outcome.and(member(&key, value, &mut columns, fields));
    }
    outcome
}

fn member(key: &str, value: Value, columns: &mut Vec<Column>, fields: &mut Fields) -> Result<(), String> {
    let column = Column::named(key)?;
    if columns.contains(&column) {
        return Err(format!("column {key} is repeated"));
    }
    columns.push(column);
    let is_flag = matches!(column, Column::IsActive | Column::EmailVerified);
    match value {
        Value::Null => {}
        Value::String(text) => fields.set(column, text),
        Value::Number(number) if is_flag => fields.set(column, number.to_string()),
        Value::Bool(yes) if is_flag => fields.set(column, yes.to_string()),
        _ => return Err(format!("column {key} must be a string")),
    }
    Ok(())
}

/// Describes an error without quoting the line, which serde's messages about wrong types do.
fn describe(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Data => "the line is not a JSON object".to_owned(),
        _ => {
            format!("the line is not valid JSON: {}", error.to_string().replace(" at line 1 column ", " at character "))
        }
    }
}

/// An object with all its members: `serde_json`'s own type keeps only the last one of repeated keys.
struct Object(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}
