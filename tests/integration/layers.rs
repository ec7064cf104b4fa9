//! Dependencies point one way: a module uses only lower layers and its own folder, and domains do not use each other.

use std::{fs, path::Path};

/// Lower layers first. Modules of one layer do not use each other.
const LAYERS: [&[&str]; 10] = [
    &["client", "clock", "config", "device", "email", "output", "cached_json", "link_tokens"],
    &["db"],
    &["models"],
    &["billing", "mail", "metering", "posts", "sessions", "tokens"],
    &["accounts"],
    &["jobs"],
    &["http"],
    &["server"],
    &["log"],
    &["cli"],
];

/// The modules of all `crate::…` paths in a file.
fn used_modules(source: &str) -> Vec<String> {
    let flat = source.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut modules = Vec::new();
    for (start, _) in flat.match_indices("crate::") {
        let rest = flat.get(start + "crate::".len()..).unwrap();
        match rest.strip_prefix('{') {
            Some(group) => modules.extend(heads_of_group(group)),
            None => modules.push(head(rest)),
        }
    }
    modules
}

/// The heads of `a::b, c::{d, e}, f }…` are a, c and f.
fn heads_of_group(group: &str) -> Vec<String> {
    let (mut heads, mut depth, mut at_head) = (Vec::new(), 0, true);
    for (place, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_head = true,
            letter if at_head && !letter.is_whitespace() => {
                heads.push(head(group.get(place..).unwrap()));
                at_head = false;
            }
            _ => {}
        }
    }
    heads
}

fn head(path: &str) -> String {
    path.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

/// The module of `…/src/accounts/username.rs` is `accounts`, and that of `…/src/client.rs` is `client`.
fn module_of(path: &str) -> &str {
    let inside = path.rsplit_once("/src/").unwrap().1;
    inside.split('/').next().unwrap().trim_end_matches(".rs")
}

#[test]
fn no_module_uses_a_higher_or_the_same_layer() {
    let mut errors = Vec::new();
    for (path, source) in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let module = module_of(&path);
        if matches!(module, "lib" | "main") {
            continue;
        }
        let own = layer_of(module).unwrap_or_else(|| panic!("{path}: its module has no layer"));
        for used in used_modules(&source).iter().filter(|used| *used != module) {
            let is_lower = layer_of(used).is_some_and(|layer| layer < own);
            if !is_lower {
                errors.push(format!("{path} uses {used}"));
            }
        }
    }
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn domains_do_not_use_actix_web() {
    for (path, source) in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let domain = [
            "accounts", "billing", "jobs", "mail", "metering", "posts", "sessions", "tokens", "models", "db", "config",
        ]
        .contains(&module_of(&path));
        assert!(!domain || !source.contains("actix_"), "{path} uses actix");
    }
}

#[test]
fn imports_are_found_in_every_form() {
    let source = "use crate::{\n    accounts::{Email, http::x},\n    db,\n};\nfn f() { crate::metering::state(); }";
    assert_eq!(used_modules(source), ["accounts", "db", "metering"]);
}
