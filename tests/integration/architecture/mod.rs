//! Dependencies point one way, between modules and between files.

mod imports;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::LazyLock,
};

use self::imports::Modules;

/// Lower layers first. Modules of one layer do not use each other.
const LAYERS: [&[&str]; 13] = [
    &["base", "texts"],
    &["config"],
    &["db", "edge", "openid"],
    &["daily_counts", "users"],
    &["billing", "credentials", "mail"],
    &["paywall"],
    &["accounts"],
    &["jobs"],
    &["doctor"],
    &["http"],
    &["server"],
    &["log"],
    &["cli"],
];

static SOURCES: LazyLock<String> = LazyLock::new(|| format!("{}/src", env!("CARGO_MANIFEST_DIR")));

static USES: LazyLock<BTreeMap<String, BTreeSet<String>>> =
    LazyLock::new(|| Modules::parse(Path::new(&*SOURCES)).uses());

/// The module of `accounts/error.rs` is `accounts`, and that of `client.rs` is `client`.
fn module_of(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

#[test]
fn no_module_uses_a_higher_or_the_same_layer() {
    let mut errors = Vec::new();
    for (file, used) in USES.iter().filter(|(file, _)| !matches!(module_of(file), "lib" | "main")) {
        let module = module_of(file);
        let layer = layer_of(module).unwrap_or_else(|| panic!("{file}: its module has no layer"));
        let is_lower = |used: &str| layer_of(used).is_some_and(|of_used| of_used < layer);
        let wrong = used.iter().filter(|used| module_of(used) != module && !is_lower(module_of(used)));
        errors.extend(wrong.map(|used| format!("{file} uses {used}")));
    }
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let reached: BTreeMap<_, _> = USES.keys().map(|file| (file, reached_from(file))).collect();
    let mut circles = Vec::new();
    for (file, used) in &*USES {
        let back = used.iter().filter(|used| reached[used].contains(file));
        circles.extend(back.map(|used| format!("{file} uses {used}, which uses it in turn")));
    }
    assert!(circles.is_empty(), "{circles:#?}");
}

/// All files that a file depends on.
fn reached_from(file: &str) -> BTreeSet<String> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![file]);
    while let Some(file) = next.pop() {
        next.extend(USES[file].iter().filter(|used| reached.insert((*used).clone())).map(String::as_str));
    }
    reached
}

#[test]
fn domains_do_not_use_actix_web() {
    let above = ["edge", "http", "server", "log", "cli", "main", "lib"];
    for file in USES.keys().filter(|file| !above.contains(&module_of(file))) {
        let source = fs::read_to_string(format!("{}/{file}", *SOURCES)).unwrap();
        assert!(!source.contains("actix_"), "{file} uses actix");
    }
}

#[test]
fn uses_are_found_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    for (file, source) in [
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::{b::{self, inner}, c::Renamed as Other};\n#[cfg(test)] mod tests { use crate::d::D; }"),
        (
            "b/mod.rs",
            "mod inner; pub use self::inner::Inner; pub fn call() { inner::help(); format!(\"{}\", crate::d::D); }",
        ),
        ("b/inner.rs", "pub struct Inner; pub fn help() -> super::super::c::Renamed {}"),
        ("c.rs", "pub struct Renamed; fn f() -> crate::b::Inner {}"),
        ("d.rs", "use crate::b; fn f() { b::call(); b::inner::help() }"),
    ] {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, source).unwrap();
    }
    let uses = Modules::parse(folder.path()).uses();
    let of = |file: &str| uses[file].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(of("lib.rs"), [""; 0]);
    assert_eq!(of("a.rs"), ["c.rs"], "a module whose items are not named is not used");
    assert_eq!(of("b/mod.rs"), ["b/inner.rs", "d.rs"]);
    assert_eq!(of("b/inner.rs"), ["c.rs"]);
    assert_eq!(of("c.rs"), ["b/inner.rs"], "where it is defined, not where it is passed on");
    assert_eq!(of("d.rs"), ["b/inner.rs", "b/mod.rs"]);
}
