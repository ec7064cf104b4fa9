//! Checks a site's own texts when the server starts: a misspelt name would silently change nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use fluent_bundle::FluentResource;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Message, Pattern, PatternElement};

use super::Language;

/// The names of messages, with the variables that each may use.
pub(super) type Messages = BTreeMap<String, BTreeSet<String>>;

/// Reads a file of a site's own texts.
///
/// # Errors
/// It is no Fluent, or has a text or a variable that tollgate does not know. All of them are named.
pub fn own_texts(source: String) -> Result<Arc<FluentResource>, String> {
    let resource = FluentResource::try_new(source).map_err(|(resource, errors)| {
        let lines = errors.iter().map(|error| {
            let start = resource.source().get(..error.pos.start).unwrap_or_default();
            format!("line {}: {}", start.matches('\n').count() + 1, error.kind)
        });
        format!("is not valid Fluent: {}", lines.collect::<Vec<_>>().join("; "))
    })?;
    let known = messages(Language::English.resources().iter().map(AsRef::as_ref));
    let wrong: Vec<_> = messages([&resource]).iter().flat_map(|(id, used)| problems(id, used, &known)).collect();
    if wrong.is_empty() { Ok(Arc::new(resource)) } else { Err(wrong.join(", ")) }
}

fn problems(id: &str, used: &BTreeSet<String>, known: &Messages) -> Vec<String> {
    match known.get(id) {
        None => vec![format!("has an unknown text: {id}")],
        Some(variables) => {
            used.difference(variables).map(|variable| format!("has an unknown variable in {id}: ${variable}")).collect()
        }
    }
}

pub(super) fn messages<'r>(resources: impl IntoIterator<Item = &'r FluentResource>) -> Messages {
    let entries = resources.into_iter().flat_map(FluentResource::entries);
    let message = |entry: &Entry<&str>| match entry {
        Entry::Message(Message { id, value: Some(value), .. }) => Some((id.name.to_owned(), variables(value))),
        _ => None,
    };
    entries.filter_map(message).collect()
}

fn variables(pattern: &Pattern<&str>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            add_expression(expression, &mut found);
        }
    }
    found
}

fn add_expression(expression: &Expression<&str>, found: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(inline) => add_inline(inline, found),
        Expression::Select { selector, variants } => {
            add_inline(selector, found);
            variants.iter().for_each(|variant| found.extend(variables(&variant.value)));
        }
    }
}

fn add_inline(inline: &InlineExpression<&str>, found: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => drop(found.insert(id.name.to_owned())),
        InlineExpression::Placeable { expression } => add_expression(expression, found),
        InlineExpression::FunctionReference { arguments, .. } => {
            arguments.positional.iter().for_each(|argument| add_inline(argument, found));
        }
        _ => {}
    }
}
