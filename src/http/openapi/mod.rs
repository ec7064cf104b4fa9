//! The API description that this server publishes: its contract, its paths and the names of its cookies.

mod edition;

use std::{
    collections::HashSet,
    sync::{Arc, OnceLock},
};

use actix_web::web::Bytes;
use data_encoding::HEXLOWER;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

pub use self::edition::edition;
use super::error::ApiError;
use crate::config::{Config, Contract};

/// Described when it is first requested, because that takes longer than all else at the start.
#[derive(Debug, Default)]
pub struct ApiDescription(OnceLock<Arc<Documents>>);

/// The paths of this server, with parameters as in the description.
pub(super) struct ServedPaths(pub(super) HashSet<&'static str>);

#[derive(Debug)]
pub(super) struct Documents {
    pub(super) json: Bytes,
    pub(super) yaml: Bytes,
    /// For `ETag`.
    pub(super) tag: String,
}

impl ApiDescription {
    /// Takes milliseconds the first time: for a blocking thread.
    pub(super) fn documents(&self, config: &Config, paths: &ServedPaths) -> Result<Arc<Documents>, ApiError> {
        if let Some(documents) = self.0.get() {
            return Ok(Arc::clone(documents));
        }
        let documents = Arc::new(describe(config, paths)?);
        Ok(Arc::clone(self.0.get_or_init(|| documents)))
    }
}

/// The description of all paths, with the names that cookies have without `COOKIE_SECURE`.
///
/// # Errors
/// If the embedded document is invalid.
pub fn yaml(contract: Contract) -> anyhow::Result<String> {
    let mut document = edition(contract)?;
    publish(&mut document, |_| true);
    Ok(serde_saphyr::to_string(&document)?)
}

fn describe(config: &Config, served: &ServedPaths) -> Result<Documents, ApiError> {
    let mut document = edition(config.server.contract).map_err(ApiError::internal)?;
    publish(&mut document, |path| served.0.contains(path));
    if config.cookie.secure {
        prefix_cookies(&mut document);
    }
    let json = document.to_string();
    let yaml = serde_saphyr::to_string(&document).map_err(ApiError::internal)?;
    let tag = HEXLOWER.encode(&Sha256::digest(&json));
    Ok(Documents { json: json.into(), yaml: yaml.into(), tag })
}

fn publish(document: &mut Value, is_served: impl Fn(&str) -> bool) {
    if let Some(members) = document.as_object_mut() {
        // What any other path may answer is for the tests, which check every response.
        members.shift_remove("x-anywhere");
        if let Some(paths) = members.get_mut("paths").and_then(Value::as_object_mut) {
            paths.retain(|path, _| is_served(path));
        }
    }
    remove_unused(document);
}

/// The prefix, and the attribute that browsers require with it; see [`CookieConfig::name`](crate::config::CookieConfig::name).
fn prefix_cookies(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let is_cookie = members.get("in").is_some_and(|place| place == "cookie");
            for (key, member) in members {
                match member {
                    Value::String(name) if is_cookie && key == "name" => name.insert_str(0, "__Host-"),
                    Value::String(text) if key == "example" && text.contains("; HttpOnly; ") => {
                        *text = format!("__Host-{}", text.replacen("; Path=/", "; Secure; Path=/", 1));
                    }
                    member => prefix_cookies(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(prefix_cookies),
        _ => {}
    }
}

/// Removes the components and tags that no path of this server uses.
fn remove_unused(document: &mut Value) {
    let mut used = HashSet::new();
    let mut todo = document.get("paths").map(references).unwrap_or_default();
    while let Some(reference) = todo.pop() {
        if let Some(component) = document.pointer(&reference).filter(|_| !used.contains(&reference)) {
            todo.extend(references(component));
            used.insert(reference);
        }
    }
    let tags = document.get("paths").map(tags).unwrap_or_default();
    let Some(members) = document.as_object_mut() else { return };
    for (kind, named) in members.get_mut("components").and_then(Value::as_object_mut).into_iter().flatten() {
        // Security schemes are named without a reference.
        if let Some(named) = named.as_object_mut().filter(|_| kind != "securitySchemes") {
            named.retain(|name, _| used.contains(&format!("/components/{kind}/{name}")));
        }
    }
    if let Some(described) = members.get_mut("tags").and_then(Value::as_array_mut) {
        described.retain(|tag| tag.get("name").is_some_and(|name| tags.contains(name)));
    }
}

/// The JSON pointers of everything that is referred to.
fn references(value: &Value) -> Vec<String> {
    let own = value.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#'));
    let mut found: Vec<_> = own.map(str::to_owned).into_iter().collect();
    match value {
        Value::Object(members) => found.extend(members.values().flat_map(references)),
        Value::Array(items) => found.extend(items.iter().flat_map(references)),
        _ => {}
    }
    found
}

fn tags(paths: &Value) -> HashSet<Value> {
    let operations =
        paths.as_object().into_iter().flat_map(Map::values).filter_map(Value::as_object).flat_map(Map::values);
    operations.filter_map(|operation| operation.get("tags")?.as_array()).flatten().cloned().collect()
}
