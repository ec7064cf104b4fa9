//! Recognizes the rule that a value breaks by its English text.
//!
//! The API names the rule in English, and pages in the site's language. An enum of all rules would be the alternative; it
//! would repeat each text of the API, as a name, in every place that checks a value.

use std::sync::{Arc, LazyLock};

use fluent_bundle::{FluentArgs, FluentResource};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, PatternElement};

use super::{Language, Texts};

/// An English text, and the variable in it.
struct Rule {
    id: String,
    before: String,
    variable: Option<(String, String)>,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let resources = Language::English.resources();
    let entries = resources.iter().map(Arc::as_ref).flat_map(FluentResource::entries);
    let mut rules: Vec<_> = entries.filter_map(rule).collect();
    // The most specific first: a text without a variable, then the one with the most words around it.
    rules.sort_by_key(|rule| {
        let around = rule.before.len() + rule.variable.as_ref().map_or(0, |(_, after)| after.len());
        (rule.variable.is_some(), usize::MAX - around)
    });
    rules
});

fn rule(entry: &Entry<&str>) -> Option<Rule> {
    let Entry::Message(message) = entry else { return None };
    let (id, pattern) = (message.id.name, message.value.as_ref()?);
    let mut rule = Rule { id: id.starts_with("rule-").then(|| id.to_owned())?, before: String::new(), variable: None };
    for element in &pattern.elements {
        match (element, &mut rule.variable) {
            (PatternElement::TextElement { value }, None) => rule.before.push_str(value),
            (PatternElement::TextElement { value }, Some((_, after))) => after.push_str(value),
            (PatternElement::Placeable { expression }, variable) => {
                let Expression::Inline(InlineExpression::VariableReference { id }) = expression else { return None };
                *variable = Some((id.name.to_owned(), String::new()));
            }
        }
    }
    Some(rule)
}

impl Rule {
    /// The value of the variable, if this is the rule's text.
    fn matches<'t>(&self, text: &'t str) -> Option<&'t str> {
        let rest = text.strip_prefix(self.before.as_str())?;
        match &self.variable {
            None => rest.is_empty().then_some(rest),
            Some((_, after)) => rest.strip_suffix(after.as_str()),
        }
    }
}

impl Texts {
    /// The sentence about a rule in this language; in English if no file has it.
    #[must_use]
    pub fn rule(&self, english: &str) -> String {
        let found = RULES.iter().find_map(|rule| rule.matches(english).map(|value| (rule, value)));
        let Some((rule, value)) = found else { return english.to_owned() };
        let mut values = FluentArgs::new();
        if let Some((name, _)) = &rule.variable {
            values.set(name.as_str(), value.to_owned());
        }
        self.format(&rule.id, &values)
    }
}
