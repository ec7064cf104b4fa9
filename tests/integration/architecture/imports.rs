//! Which file of `src` uses what another one defines.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use proc_macro2::TokenStream;
use syn::{
    Attribute, Expr, Item, ItemMod, ItemUse, Macro, Token, UseTree, Visibility,
    parse::Parser,
    punctuated::Punctuated,
    visit::{self, Visit},
};

/// A module or an item, from the root of the crate.
type ModulePath = Vec<String>;

/// The modules of the crate, each with its file and what it imports and re-exports.
pub(super) struct Modules(BTreeMap<ModulePath, Module>);

struct Module {
    file: String,
    source: syn::File,
    imports: Imports,
}

/// Names that `use` brings into scope, and what they stand for.
#[derive(Default)]
struct Imports {
    private: BTreeMap<String, ModulePath>,
    /// A module that only passes these on does not use them.
    exported: BTreeMap<String, ModulePath>,
}

impl Imports {
    fn get(&self, name: &str) -> Option<&ModulePath> {
        self.private.get(name).or_else(|| self.exported.get(name))
    }
}

impl Modules {
    /// Parses all files below `folder`.
    pub(super) fn parse(folder: &Path) -> Self {
        let mut modules = BTreeMap::new();
        for path in files(folder) {
            let file = path.strip_prefix(&format!("{}/", folder.display())).unwrap().to_owned();
            let module = module_path(&file);
            let source = syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap();
            modules.insert(module, Module { file, source, imports: Imports::default() });
        }
        let imports: Vec<_> = modules.iter().map(|(path, module)| imports(path, &module.source.items)).collect();
        for (module, imports) in modules.values_mut().zip(imports) {
            module.imports = imports;
        }
        Self(modules)
    }

    /// The files whose items each file names.
    pub(super) fn uses(&self) -> BTreeMap<String, BTreeSet<String>> {
        self.0.iter().map(|(path, module)| (module.file.clone(), self.uses_of(path, module))).collect()
    }

    fn uses_of(&self, path: &ModulePath, module: &Module) -> BTreeSet<String> {
        let mut names =
            Names { module: path, paths: module.imports.private.values().cloned().collect(), imports: &module.imports };
        names.visit_file(&module.source);
        let mut used: BTreeSet<_> = names.paths.iter().filter_map(|path| self.definition(path, 0)).collect();
        used.remove(&module.file);
        used
    }

    /// The file that defines an item, if it is one of the crate. A module itself is no item: what is used of it counts.
    fn definition(&self, path: &[String], depth: usize) -> Option<String> {
        let parent = (0..path.len()).rev().find(|end| self.0.contains_key(&path[..*end]))?;
        if self.0.contains_key(path) || depth > 8 {
            return None;
        }
        let (module, rest) = (&self.0[&path[..parent]], &path[parent..]);
        match module.imports.get(&rest[0]) {
            Some(target) => self.definition(&[target, &rest[1..]].concat(), depth + 1),
            None => Some(module.file.clone()),
        }
    }
}

/// The paths that a file names, from the root of the crate.
struct Names<'m> {
    module: &'m ModulePath,
    imports: &'m Imports,
    paths: BTreeSet<ModulePath>,
}

impl Visit<'_> for Names<'_> {
    fn visit_item_mod(&mut self, module: &ItemMod) {
        if !is_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let absolute = match self.imports.get(&names[0]) {
            Some(target) => Some([target, &names[1..]].concat()),
            None => absolute(self.module, &names),
        };
        self.paths.extend(absolute.or_else(|| Some([self.module, &names[..]].concat()).filter(|_| names.len() > 1)));
        visit::visit_path(self, path);
    }

    /// The arguments of a macro are only tokens; most have the form of a function's.
    fn visit_macro(&mut self, call: &Macro) {
        let arguments = |tokens: TokenStream| Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens);
        if let Ok(arguments) = arguments(call.tokens.clone()) {
            arguments.iter().for_each(|argument| self.visit_expr(argument));
        }
        visit::visit_macro(self, call);
    }
}

/// A path that starts with `crate`, `self` or `super`.
fn absolute(module: &ModulePath, names: &[String]) -> Option<ModulePath> {
    let (first, rest) = names.split_first()?;
    match first.as_str() {
        "crate" => Some(rest.to_vec()),
        "self" => Some([module, rest].concat()),
        "super" => {
            let mut parent = module.clone();
            parent.pop();
            match rest.first().map(String::as_str) {
                Some("super") => absolute(&parent, rest),
                _ => Some([&parent, rest].concat()),
            }
        }
        _ => None,
    }
}

/// What the `use` items of a module bring into scope, without those of its tests.
fn imports(module: &ModulePath, items: &[Item]) -> Imports {
    let mut imports = Imports::default();
    for item in items {
        if let Item::Use(ItemUse { tree, attrs, vis, .. }) = item
            && !is_test(attrs)
        {
            let is_private = matches!(vis, Visibility::Inherited);
            let imports = if is_private { &mut imports.private } else { &mut imports.exported };
            import(module, tree, &mut Vec::new(), imports);
        }
    }
    imports
}

fn import(module: &ModulePath, tree: &UseTree, prefix: &mut Vec<String>, imports: &mut BTreeMap<String, ModulePath>) {
    let mut add = |name: String, original: String| {
        let mut names = prefix.clone();
        if original != "self" {
            names.push(original);
        }
        let name = if name == "self" { names.last().cloned().unwrap_or_default() } else { name };
        imports.extend(absolute(module, &names).map(|path| (name, path)));
    };
    match tree {
        UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            import(module, &path.tree, prefix, imports);
            prefix.pop();
        }
        UseTree::Name(name) => add(name.ident.to_string(), name.ident.to_string()),
        UseTree::Rename(rename) => add(rename.rename.to_string(), rename.ident.to_string()),
        UseTree::Group(group) => group.items.iter().for_each(|tree| import(module, tree, prefix, imports)),
        UseTree::Glob(_) => {}
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "test")
    })
}

/// `http/pages/mod.rs` is `http::pages`, and `lib.rs` is the root.
fn module_path(file: &str) -> ModulePath {
    let path = file.trim_end_matches(".rs");
    path.split('/').filter(|name| !matches!(*name, "mod" | "lib")).map(str::to_owned).collect()
}

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path.display().to_string());
        }
    }
    found
}
