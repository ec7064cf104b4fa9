//! What a provider publishes about itself: its addresses and its keys.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use openidconnect::{HttpRequest, IssuerUrl, core::CoreProviderMetadata};
use tokio::sync::Mutex;

use super::{
    error::ProviderError,
    fetch::{Fetch, causes},
};
use crate::base::clock::Timestamp;

/// After this, it is fetched again before it is used.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);

/// The least time between two attempts. A provider that is down is not asked by every visitor, and neither is one whose
/// tokens name keys that it does not publish.
const RETRY: Duration = Duration::from_secs(10);

/// Discovery and keys, as of one time.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) metadata: CoreProviderMetadata,
    fetched_at: Timestamp,
}

/// The latest snapshot of one provider. Who finds a usable one waits for nobody.
#[derive(Debug, Default)]
pub(super) struct MetadataCache {
    latest: RwLock<Option<Arc<Snapshot>>>,
    /// When the last attempt began. Locked during one, so that visitors who arrive together cause a single one.
    attempted_at: Mutex<Option<Timestamp>>,
}

impl MetadataCache {
    /// A snapshot that is not too old. An older one is used as well if there is no newer.
    pub(super) async fn get(
        &self,
        issuer: &IssuerUrl,
        fetch: &Fetch,
        now: Timestamp,
    ) -> Result<Arc<Snapshot>, ProviderError> {
        let latest = self.latest();
        match latest {
            Some(latest) if latest.fetched_at.until(now) < MAX_AGE => Ok(latest),
            Some(old) => {
                let newer = self.newer_than(Some(&old), issuer, fetch, now).await;
                Ok(newer.unwrap_or_else(|error| {
                    tracing::warn!(issuer = issuer.as_str(), %error, "using old metadata of a provider");
                    old
                }))
            }
            None => self.newer_than(None, issuer, fetch, now).await,
        }
    }

    /// Another snapshot than this one: what somebody else has fetched in the meantime, or a new one.
    pub(super) async fn newer_than(
        &self,
        seen: Option<&Arc<Snapshot>>,
        issuer: &IssuerUrl,
        fetch: &Fetch,
        now: Timestamp,
    ) -> Result<Arc<Snapshot>, ProviderError> {
        let mut attempted_at = self.attempted_at.lock().await;
        if let Some(latest) = self.latest().filter(|latest| seen.is_none_or(|seen| !Arc::ptr_eq(seen, latest))) {
            return Ok(latest);
        }
        if attempted_at.is_some_and(|attempted_at| attempted_at.until(now) < RETRY) {
            return Err(ProviderError::Unavailable("it was asked a moment ago".to_owned()));
        }
        *attempted_at = Some(now);
        let client = |request: HttpRequest| fetch.send(request);
        let metadata = CoreProviderMetadata::discover_async(issuer.clone(), &client).await;
        let metadata = metadata.map_err(|error| ProviderError::Unavailable(causes(&error)))?;
        let snapshot = Arc::new(Snapshot { metadata, fetched_at: now });
        *self.latest.write().unwrap_or_else(PoisonError::into_inner) = Some(snapshot.clone());
        Ok(snapshot)
    }

    fn latest(&self) -> Option<Arc<Snapshot>> {
        self.latest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
