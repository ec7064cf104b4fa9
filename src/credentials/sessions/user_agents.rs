//! One copy of each user agent, shared by the cached sessions: a browser sends the same 100 bytes for all its users.

use std::sync::Arc;

use quick_cache::sync::Cache;

/// Beyond this many, the least used ones are copied again.
const MAX: usize = 1000;

#[derive(Clone, Debug)]
pub(super) struct UserAgents(Arc<Cache<String, Arc<str>>>);

impl UserAgents {
    pub(super) fn new() -> Self {
        Self(Arc::new(Cache::new(MAX)))
    }

    pub(super) fn share(&self, user_agent: &str) -> Arc<str> {
        self.0.get(user_agent).unwrap_or_else(|| {
            let shared: Arc<str> = user_agent.into();
            self.0.insert(user_agent.to_owned(), shared.clone());
            shared
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_user_agents_share_memory() {
        let user_agents = UserAgents::new();
        let (first, other) = (user_agents.share("Firefox"), user_agents.share("Safari"));
        assert!(Arc::ptr_eq(&first, &user_agents.share("Firefox")));
        assert_eq!((&*first, &*other), ("Firefox", "Safari"));
    }
}
