//! Every statement that changes rows of a cached table invalidates the cache entries that depend on them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Tables whose rows, or values derived from them, are kept in a [`tollgate::db::Cache`].
const CACHED: [&str; 4] = ["api_tokens", "posts", "sessions", "users"];

const NOT_CACHED: [&str; 29] = [
    "attempts",
    "audit",
    "content_refusals",
    "customers",
    "days",
    "email_codes",
    "gift_openings",
    "gifts",
    "identities",
    "invitations",
    "last_refusals",
    "meters",
    "one_time_tokens",
    "outbox",
    "passkey_challenges",
    "passkeys",
    "payments",
    "pending_logins",
    "post_days",
    "read_batches",
    "reads",
    "recovery_codes",
    "refusals",
    "pages",
    "schema_compatibility",
    "stripe_events",
    "subscriptions",
    "totp_seeds",
    "trusted_browsers",
];

/// Functions that change rows of a cached table and rightly invalidate nothing, with the reason.
const EXCEPTIONS: [(&str, &str); 5] = [
    ("replace_hash", "no cache holds password hashes"),
    ("update_last_seen", "no cache holds when an account was last used"),
    ("start_last_seen", "no cache holds when an account was last used"),
    ("delete_expired", "a cached session or token ends by its own expiry"),
    ("record_use", "a cached token is read again before its next use is recorded"),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(path)
}

/// The text between `start` and `end`, for each `start`.
fn between<'s>(text: &'s str, start: &'s str, end: &'s str) -> impl Iterator<Item = &'s str> {
    text.split(start).skip(1).filter_map(move |rest| Some(rest.split_once(end)?.0))
}

/// The name and text of each function at the top level of a file that rustfmt has formatted.
fn functions(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let bodies = text.split("\npub fn ").skip(1).filter_map(|rest| Some(rest.split_once("\n}\n")?.0));
    bodies.map(|body| (body.split('(').next().unwrap_or_default(), body))
}

fn changes_rows_of(body: &str, table: &str) -> bool {
    let is_change = ["diesel::update(", "diesel::delete("].iter().any(|statement| body.contains(statement));
    is_change && body.contains(&format!("{table}::table"))
}

#[test]
fn every_table_is_known_to_be_cached_or_not() {
    let schema = fs::read_to_string(source("db/schema.rs")).unwrap();
    let tables: Vec<_> = between(&schema, "diesel::table! {\n    ", " (").collect();
    assert!(tables.len() > 10, "the schema could not be read: {tables:?}");
    for table in &tables {
        let is_cached = CACHED.contains(table);
        assert!(is_cached != NOT_CACHED.contains(table), "add {table} to one of the two lists");
    }
    for table in CACHED.iter().chain(&NOT_CACHED) {
        assert!(tables.contains(table), "the schema no longer has the table {table}");
    }
}

#[test]
fn each_change_of_a_cached_table_invalidates_its_entries() {
    let mut changes = 0;
    for path in sources(&source("")) {
        let text = fs::read_to_string(&path).unwrap();
        for (name, body) in functions(&text) {
            if !CACHED.iter().any(|table| changes_rows_of(body, table)) {
                continue;
            }
            changes += 1;
            let invalidates = body.contains("tx.invalidate(") || body.contains("change_one!(");
            let is_exception = EXCEPTIONS.iter().any(|(exception, _)| *exception == name);
            assert!(invalidates != is_exception, "{name} in {}", path.display());
        }
    }
    assert!(changes > 10, "only {changes} functions were found");
}

/// The domain that owns a table is the only one that changes its rows.
#[test]
fn rows_of_a_table_are_changed_in_one_domain_only() {
    let root = source("");
    let mut owners: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for path in sources(&root) {
        let domain = path.strip_prefix(&root).unwrap().iter().next().unwrap().to_string_lossy().into_owned();
        let text: String = fs::read_to_string(&path).unwrap().split_whitespace().collect();
        for table in CACHED.iter().chain(&NOT_CACHED) {
            let changes = ["update", "delete", "insert_into"].map(|verb| format!("diesel::{verb}({table}::table"));
            if changes.iter().any(|change| text.contains(change)) {
                owners.entry(table).or_default().insert(domain.clone());
            }
        }
    }
    assert!(owners.len() > 20, "only {} tables were found to be changed", owners.len());
    let shared: Vec<_> = owners.iter().filter(|(_, domains)| domains.len() > 1).collect();
    assert!(shared.is_empty(), "{shared:?}");
}
