//! Settings that select one of several behaviours.

/// Which statuses and error bodies are sent; see the head of `openapi.yaml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contract {
    /// The status codes that the tutorials' frontends rely on.
    Classic,
    /// The same response for every failed login, 402 at the paywall, RFC 9457 problem details.
    Modern,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistrationPolicy {
    Open,
    Closed,
}

/// What happens to a session that is used from another network or with another user agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Nothing.
    Off,
    /// Sensitive actions require re-authentication.
    Basic,
    /// The session is ended.
    Strong,
}

/// Whose accounts must have a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactorPolicy {
    Off,
    Admins,
    All,
}

/// What counts as a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadsCount {
    /// Every response that contains the complete post.
    Requests,
    /// Each post once per period.
    Posts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON object per line.
    Json,
}
