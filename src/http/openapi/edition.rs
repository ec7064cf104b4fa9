//! The API of one contract. `openapi.yaml` describes `classic`, and `x-modern` in any object is what `modern` changes of it,
//! as a merge patch. Two whole documents would repeat themselves, and hundreds of schemas would differ in four keys.

use actix_web::http::StatusCode;
use serde_json::{Map, Value};

use crate::{config::Contract, http::error::problem_members};

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

/// The description of every path, for servers with this contract.
///
/// # Errors
/// If the embedded document is not JSON.
pub fn edition(contract: Contract) -> Result<Value, serde_json::Error> {
    let mut document = serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/openapi.json")))?;
    apply_patches(&mut document, contract);
    if contract == Contract::Modern {
        describe_problems(&mut document);
    }
    Ok(document)
}

fn apply_patches(value: &mut Value, contract: Contract) {
    match value {
        Value::Object(members) => {
            let patch = members.shift_remove("x-modern");
            members.values_mut().for_each(|member| apply_patches(member, contract));
            if let Some(patch) = patch.filter(|_| contract == Contract::Modern) {
                merge(value, patch);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| apply_patches(item, contract)),
        _ => {}
    }
}

/// RFC 7396, section 2.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(changes) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(members) = target.as_object_mut() else { return };
    for (name, change) in changes {
        match change {
            Value::Null => drop(members.shift_remove(&name)),
            change => merge(members.entry(name).or_insert(Value::Null), change),
        }
    }
}

/// Every error is a problem of RFC 9457.
fn describe_problems(document: &mut Value) {
    let mut shared = Vec::new();
    for (status, response) in error_responses(document) {
        match response.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#')) {
            Some(pointer) => shared.push((status, pointer.to_owned())),
            None => describe_problem(response, status),
        }
    }
    for (status, pointer) in shared {
        if let Some(response) = document.pointer_mut(&pointer) {
            describe_problem(response, status);
        }
    }
}

fn error_responses(document: &mut Value) -> impl Iterator<Item = (StatusCode, &mut Value)> {
    let members = document.as_object_mut().into_iter().flat_map(Map::iter_mut);
    let maps = members.flat_map(|(name, value)| match name.as_str() {
        "paths" => objects(value).flat_map(objects).filter_map(|operation| operation.get_mut("responses")).collect(),
        "x-anywhere" => vec![value],
        _ => Vec::new(),
    });
    maps.filter_map(Value::as_object_mut).flat_map(Map::iter_mut).filter_map(|(status, response)| {
        let status: StatusCode = status.parse().ok()?;
        (status.is_client_error() || status.is_server_error()).then_some((status, response))
    })
}

fn objects(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value.as_object_mut().into_iter().flat_map(Map::values_mut)
}

fn describe_problem(response: &mut Value, status: StatusCode) {
    let Some(content) = response.get_mut("content").and_then(Value::as_object_mut) else { return };
    // A response that several operations share has been described by the first of them.
    let Some(mut media) = content.shift_remove(JSON) else { return };
    for example in media.get_mut("examples").into_iter().flat_map(objects) {
        if let Some(value) = example.get_mut("value") {
            *value = problem(value, status);
        }
    }
    content.insert(PROBLEM.to_owned(), media);
}

fn problem(error: &Value, status: StatusCode) -> Value {
    let added = problem_members(status, error.get("error").cloned().unwrap_or_default());
    added
        .into_iter()
        .chain(error.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())))
        .collect()
}
