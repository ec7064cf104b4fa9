//! JSON that is serialized once and cached together with its value.

use std::sync::OnceLock;

use bytes::Bytes;
use serde::Serialize;

/// The cached JSON of the value that contains it.
#[derive(Debug, Default)]
pub struct CachedJson(OnceLock<Bytes>);

impl CachedJson {
    /// Returns the cached JSON, or serializes what `make` returns.
    pub fn json<T: Serialize>(&self, make: impl FnOnce() -> T) -> serde_json::Result<Bytes> {
        if let Some(json) = self.0.get() {
            return Ok(json.clone());
        }
        let json = serde_json::to_vec(&make())?.into();
        Ok(self.0.get_or_init(|| json).clone())
    }
}
