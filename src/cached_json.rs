//! What an answer shows of something, written once and kept with it.

use std::sync::OnceLock;

use bytes::Bytes;
use serde::Serialize;

/// The JSON that an answer shows of something. A copy of that something, which may be changed, has none yet.
#[derive(Debug, Default)]
pub struct CachedJson(OnceLock<Bytes>);

impl Clone for CachedJson {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl CachedJson {
    /// What is kept, or `make` makes.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn json<T: Serialize>(&self, make: impl FnOnce() -> T) -> serde_json::Result<Bytes> {
        if let Some(json) = self.0.get() {
            return Ok(json.clone());
        }
        // Without the room that is left in a text that grew: it is kept a hundred thousand times.
        let json = serde_json::to_vec(&make())?.into_boxed_slice().into();
        Ok(self.0.get_or_init(|| json).clone())
    }
}
