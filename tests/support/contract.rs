//! Checks every response against `openapi.yaml`, so that the document matches the server.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a response that violates the contract panics, which fails the test"
)]

use std::{
    collections::HashMap,
    fmt::Display,
    ptr,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use jsonschema::Validator;
use serde_json::{Value, json};
use tollgate::{config::Contract, http::openapi::edition};

pub(crate) static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| edition(Contract::Classic).expect("openapi.yaml is embedded as JSON"));

static MODERN: LazyLock<Value> = LazyLock::new(|| edition(Contract::Modern).expect("openapi.yaml is embedded as JSON"));

/// Paths for people, search engines and other providers, which are not described.
const UNDESCRIBED: [&str; 6] = ["/docs", "/feed.xml", "/sitemap.xml", "/robots.txt", "/_site/", "/admin"];

/// Building a validator takes longer than the request that it checks.
static VALIDATORS: LazyLock<Mutex<HashMap<SchemaKey, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// The address of the document, and the text of the schema.
type SchemaKey = (usize, String);

const PROBLEM: &str = "application/problem+json";

/// Panics if `openapi.yaml` does not document this response to this request. Pages are not described.
pub(crate) fn assert_conforms(
    method: &str,
    path: &str,
    is_navigation: bool,
    status: u16,
    headers: &[(String, String)],
    body: &[u8],
) {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let answer = Answer { method, path, status, headers, body };
    answer.check_common_headers();
    if answer.is_preflight() {
        return answer.check_empty();
    }
    // Link previews and crawlers get pages without asking for them, and only pages have moved.
    let is_page =
        answer.media_type() == "text/html" || status == 301 || (is_navigation && (300..400).contains(&status));
    if path.ends_with("/callback") || UNDESCRIBED.iter().any(|prefix| path.starts_with(prefix)) {
        return;
    }
    if is_page {
        return answer.check_page();
    }
    let response = answer.response();
    answer.check_headers(response);
    answer.check_body(response);
}

struct Answer<'a> {
    method: &'a str,
    path: &'a str,
    status: u16,
    headers: &'a [(String, String)],
    body: &'a [u8],
}

impl Answer<'_> {
    fn is_preflight(&self) -> bool {
        self.method == "OPTIONS" && matches!(self.status, 200 | 204)
    }

    /// The description of the contract that the response shows.
    fn document(&self) -> &'static Value {
        if self.media_type() == PROBLEM { &MODERN } else { &DOCUMENT }
    }

    /// The documented response. For an undocumented path or method it is one of `x-anywhere`.
    fn response(&self) -> &'static Value {
        let document = self.document();
        let item = path_item(document, self.path);
        // RFC 9110, section 9.3.2: HEAD is GET without the body, unless documented otherwise.
        let operation = item.and_then(|item| {
            let as_get = item.get("get").filter(|_| self.method == "HEAD");
            item.get(self.method.to_ascii_lowercase()).or(as_get)
        });
        let responses = match operation {
            Some(operation) => operation.get("responses"),
            None if item.is_some() && self.status == 404 => self.fail("the path is there: a wrong method is 405"),
            None => document.get("x-anywhere"),
        };
        let response = responses.and_then(|responses| responses.get(self.status.to_string()));
        resolve(document, response.unwrap_or_else(|| self.fail("this status is not documented")))
    }

    fn check_common_headers(&self) {
        if !self.values("x-request-id").any(|id| !id.is_empty()) {
            self.fail("X-Request-Id is missing");
        }
        if !self.values("x-content-type-options").eq(["nosniff"]) {
            self.fail("X-Content-Type-Options is not nosniff");
        }
    }

    fn check_headers(&self, response: &'static Value) {
        let documented = response.get("headers").and_then(Value::as_object);
        for (name, header) in documented.into_iter().flatten() {
            self.check_header(name, resolve(self.document(), header));
        }
    }

    fn check_header(&self, name: &str, header: &Value) {
        let schema = header.get("schema").unwrap_or_else(|| self.fail(format!("{name} has no schema")));
        let mut values = self.values(name).peekable();
        if values.peek().is_none() {
            let required = header.get("required").and_then(Value::as_bool).unwrap_or(false);
            return if required {
                self.fail(format!("{name} is missing"))
            };
        }
        // `Vary` and `Set-Cookie` may occur several times, because several layers set them.
        let validator = validator(self.document(), schema);
        if !values.any(|value| validator.is_valid(&header_value(schema, value))) {
            self.fail(format!("{name} is not as documented: {schema}"));
        }
    }

    fn check_body(&self, response: &'static Value) {
        let Some(content) = response.get("content").filter(|_| self.method != "HEAD") else {
            return self.check_empty();
        };
        let media_type = self.media_type();
        let range = format!("{}/*", media_type.split('/').next().unwrap_or_default());
        let schema = content
            .get(&media_type)
            .or_else(|| content.get(&range))
            .and_then(|media| media.get("schema"))
            .unwrap_or_else(|| self.fail(format!("the content type {media_type:?} is not documented")));
        // What extends an error is described; the schemas are open only so that they can be combined.
        let closed = json!({ "allOf": [schema], "unevaluatedProperties": false });
        let validator = validator(self.document(), if self.status < 400 { schema } else { &closed });
        let body = self.parse(&media_type);
        let errors = validator.iter_errors(&body).into_errors();
        if !errors.is_empty() {
            self.fail(errors);
        }
        if media_type == PROBLEM && body.get("status").and_then(Value::as_u64) != Some(self.status.into()) {
            self.fail("the status in the body is another one");
        }
    }

    /// Pages are not described, but they are for one reader, as what is described is.
    fn check_page(&self) {
        if !self.values("cache-control").eq(["private, no-store"]) {
            self.fail("a page must not be cached");
        }
        if self.media_type() == "text/html" && self.method != "HEAD" && !self.body.starts_with(b"<!doctype html>") {
            self.fail("a page begins with its document type");
        }
    }

    fn check_empty(&self) {
        if !self.body.is_empty() {
            self.fail("the body must be empty");
        }
    }

    fn media_type(&self) -> String {
        let content_type = self.values("content-type").next().unwrap_or_default();
        content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    fn parse(&self, media_type: &str) -> Value {
        if media_type.ends_with("json") {
            return serde_json::from_slice(self.body).unwrap_or_else(|error| self.fail(error));
        }
        Value::String(String::from_utf8_lossy(self.body).into_owned())
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn fail(&self, error: impl Display) -> ! {
        let Self { method, path, status, headers, body } = self;
        let body = String::from_utf8_lossy(body);
        panic!("{method} {path} was answered {status} against openapi.yaml: {error}\n{headers:?}\n{body}");
    }
}

fn path_item(document: &'static Value, path: &str) -> Option<&'static Value> {
    let paths = document.get("paths")?.as_object()?;
    // An exact path takes precedence over a template.
    paths.get(path).or_else(|| paths.iter().find(|(template, _)| matches(template, path)).map(|(_, item)| item))
}

fn matches(template: &str, path: &str) -> bool {
    // The path of a file can have several parts, for which OpenAPI has no template.
    if let Some(folder) = template.strip_suffix("{file}") {
        return path.len() > folder.len() && path.starts_with(folder);
    }
    let (template, path) = (template.split('/'), path.split('/'));
    template.clone().count() == path.clone().count()
        && template.zip(path).all(|(expected, given)| {
            let is_parameter = expected.starts_with('{') && !given.is_empty();
            is_parameter || expected == given
        })
}

fn resolve(document: &'static Value, mut value: &'static Value) -> &'static Value {
    while let Some(reference) = value.get("$ref").and_then(Value::as_str) {
        let target = reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
        value = target.unwrap_or_else(|| panic!("openapi.yaml: {reference} leads nowhere"));
    }
    value
}

fn header_value(schema: &Value, text: &str) -> Value {
    let is_integer = schema.get("type").is_some_and(|kind| kind == "integer");
    match text.parse::<i64>() {
        Ok(number) if is_integer => Value::from(number),
        _ => Value::from(text),
    }
}

fn validator(document: &'static Value, schema: &Value) -> Arc<Validator> {
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (ptr::from_ref(document).addr(), schema.to_string());
    Arc::clone(validators.entry(key).or_insert_with(|| Arc::new(build(document, schema))))
}

/// References to `#/components/…` are resolved from the root of the schema, so the components must be there.
fn build(document: &Value, schema: &Value) -> Validator {
    let mut root = schema.clone();
    if let (Some(root), Some(components)) = (root.as_object_mut(), document.get("components")) {
        root.insert("components".to_owned(), components.clone());
    }
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&root)
        .unwrap_or_else(|error| panic!("openapi.yaml: {schema} is no schema: {error}"))
}
