//! What the proxy asks for, in the query.

use crate::http::error::ApiError;

/// The conditions for a page, which the operator writes into the proxy's configuration.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Rule {
    /// What is required besides a session. All of it must hold.
    pub(super) require: Vec<Require>,
    /// Whether the page costs a read.
    pub(super) meter: bool,
    /// Whether visitors who must sign in are redirected to the login page.
    pub(super) redirect: bool,
    /// Whether the application renders the excerpt itself for visitors who may not read the page.
    pub(super) teaser: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Require {
    Subscriber,
    Admin,
}

impl Rule {
    /// Fails on anything unknown: a misspelled condition must not open a page to everyone.
    pub(super) fn parse(query: &str) -> Result<Self, ApiError> {
        let mut rule = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match (name.as_ref(), value.as_ref()) {
                ("require", "subscriber") => rule.require.push(Require::Subscriber),
                ("require", "admin") => rule.require.push(Require::Admin),
                ("meter", "1") => rule.meter = true,
                ("meter", "0") => rule.meter = false,
                ("redirect", "1") => rule.redirect = true,
                ("redirect", "0") => rule.redirect = false,
                ("teaser", "1") => rule.teaser = true,
                ("teaser", "0") => rule.teaser = false,
                _ => return Err(ApiError::UnknownCondition),
            }
        }
        Ok(rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_that_is_listed_must_hold() {
        let rule = Rule::parse("require=subscriber&meter=1&redirect=1&require=admin&teaser=1").expect("a rule");
        let require = vec![Require::Subscriber, Require::Admin];
        assert_eq!(rule, Rule { require, meter: true, redirect: true, teaser: true });
        for nothing in ["", "meter=0&redirect=0&teaser=0"] {
            assert_eq!(Rule::parse(nothing).expect("a rule"), Rule::default());
        }
    }

    #[test]
    fn an_unknown_condition_is_an_error() {
        for query in [
            "require=editor",
            "require=",
            "require",
            "require=Admin",
            "requires=admin",
            "redirect=yes",
            "meter=true",
            "teaser=yes",
            "metered=1",
            "x",
        ] {
            assert!(matches!(Rule::parse(query), Err(ApiError::UnknownCondition)), "{query}");
        }
    }
}
