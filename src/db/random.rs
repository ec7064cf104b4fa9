//! Random numbers for rows.

use super::error::DbError;

/// # Errors
/// The system has no random numbers.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], DbError> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(|error| DbError::Unavailable(format!("no random numbers: {error}")))?;
    Ok(bytes)
}
