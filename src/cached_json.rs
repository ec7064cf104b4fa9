//! JSON that is serialized once and cached together with its value.

use std::sync::OnceLock;

use bytes::Bytes;
use serde::Serialize;

/// The cached JSON of the value that contains it. A clone starts empty, because the cloned value may be changed.
#[derive(Debug, Default)]
pub struct CachedJson(OnceLock<Bytes>);

impl Clone for CachedJson {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl CachedJson {
    /// Returns the cached JSON, or serializes what `make` returns.
    pub fn json<T: Serialize>(&self, make: impl FnOnce() -> T) -> serde_json::Result<Bytes> {
        if let Some(json) = self.0.get() {
            return Ok(json.clone());
        }
        // A boxed slice drops the unused capacity, which matters for a hundred thousand cached values.
        let json = serde_json::to_vec(&make())?.into_boxed_slice().into();
        Ok(self.0.get_or_init(|| json).clone())
    }
}
