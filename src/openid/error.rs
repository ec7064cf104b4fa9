//! What can go wrong. The causes are for the log.

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The provider does not answer, or not with what it must.
    #[error("the provider is unavailable: {0}")]
    Unavailable(String),
    /// The provider refused the code, or its token is not valid.
    #[error("the provider's answer is not valid: {0}")]
    Rejected(String),
}

/// The certificates of the system cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("no provider can be reached: {0}")]
pub struct TlsError(pub(super) String);
