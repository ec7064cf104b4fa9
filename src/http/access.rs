//! Who may pass the gate, by path. Paths are compared exactly as sent: any other spelling is a different path.

use std::{collections::HashMap, rc::Rc};

use super::paths;

/// Who may send requests to a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Access {
    /// Anyone. The response is the same for everyone, so that no credential is looked up.
    Public,
    /// Anyone. Users sign in here, or prove who they are by a link in a message, so that an API token is ignored.
    SignIn,
    /// Anyone, but the response depends on the credential.
    Optional,
    /// Users, and by GET and HEAD everyone, if titles and excerpts are public.
    Excerpts,
    /// Users, and by GET and HEAD also anonymous readers, if the operator allows them to read.
    Readers,
    /// Users, including those who must have a second factor and have none: they may enrol one, or sign out.
    Enrolment,
    /// Users. This holds for paths that do not exist as well, so that a response does not reveal which paths do.
    #[default]
    Users,
}

impl Access {
    pub(super) fn is_public(self) -> bool {
        self == Self::Public
    }

    /// Whether no session is needed.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Public | Self::SignIn | Self::Optional)
    }

    /// Whether users may pass who must have a second factor and have none. Links in messages are among these paths,
    /// because a redirect would lose their tokens.
    pub(super) fn is_open_for_enrolment(self) -> bool {
        self.is_open() || self == Self::Enrolment
    }

    /// Whether a session or an API token makes a difference.
    pub(super) fn takes_credential(self) -> bool {
        !matches!(self, Self::Public | Self::SignIn)
    }
}

/// Finds who may pass, without the router, which decodes paths.
#[derive(Clone, Debug, Default)]
pub(super) struct AccessTable(Rc<Patterns>);

#[derive(Debug, Default)]
struct Patterns {
    exact: HashMap<&'static str, Access>,
    /// What precedes the id in patterns such as `/blog/{id}`.
    with_id: Vec<(&'static str, Access)>,
    /// What precedes the rest of the path in patterns such as `/docs/{file}*`.
    below: Vec<(&'static str, Access)>,
}

impl AccessTable {
    /// From the patterns of the routes.
    pub(super) fn new(routes: impl Iterator<Item = (&'static str, Access)>) -> Self {
        let mut patterns = Patterns::default();
        // What is not in the table is for users.
        for (pattern, access) in routes.filter(|(_, access)| *access != Access::Users) {
            match pattern.split_once('{') {
                None => drop(patterns.exact.insert(pattern, access)),
                Some((start, "id}")) => patterns.with_id.push((start, access)),
                Some((start, _)) => patterns.below.push((start, access)),
            }
        }
        Self(Rc::new(patterns))
    }

    pub(super) fn find(&self, path: &str) -> Access {
        let Patterns { exact, with_id, below } = &*self.0;
        if let Some(access) = exact.get(path) {
            return *access;
        }
        let has_id = |(start, access): &&(&str, Access)| {
            let rest = path.strip_prefix(*start);
            let id = if *access == Access::Excerpts {
                rest.and_then(paths::post_segment_id)
            } else {
                rest.and_then(paths::id)
            };
            id.is_some()
        };
        let found = with_id.iter().find(has_id).or_else(|| below.iter().find(|(start, _)| path.starts_with(start)));
        found.map_or(Access::Users, |(_, access)| *access)
    }
}
