//! The provider's keys: kept, fetched again when one is missing, at most once a minute.

use std::{sync::Arc, time::Duration};

use openidconnect::{JsonWebKeySet, JsonWebKeySetUrl, core::CoreJsonWebKey};
use tokio::{sync::Mutex, time::Instant};

use super::types::Http;

/// A set of keys.
pub(super) type Keys = JsonWebKeySet<CoreJsonWebKey>;

/// Shortest time between two fetches.
const PAUSE: Duration = Duration::from_mins(1);

/// The last good set of one issuer.
#[derive(Debug)]
pub(super) struct Cache {
    url: JsonWebKeySetUrl,
    state: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    keys: Arc<Keys>,
    refetched: Option<Instant>,
}

impl Cache {
    /// Begins with the set that discovery brought.
    pub(super) fn new(url: JsonWebKeySetUrl, keys: Keys) -> Self {
        let keys = Arc::new(keys);
        Self {
            url,
            state: Mutex::new(Kept {
                keys,
                refetched: None,
            }),
        }
    }

    /// The last good set.
    pub(super) async fn current(&self) -> Arc<Keys> {
        Arc::clone(&self.state.lock().await.keys)
    }

    /// A newer set than `tried`, where there is one: fetched by one caller while the others wait,
    /// at most once a minute. A fetch that fails leaves the last good set.
    pub(super) async fn newer(&self, tried: &Arc<Keys>, http: &Http) -> Option<Arc<Keys>> {
        let mut kept = self.state.lock().await;
        if !Arc::ptr_eq(&kept.keys, tried) {
            return Some(Arc::clone(&kept.keys));
        }
        if kept.refetched.is_some_and(|at| at.elapsed() < PAUSE) {
            return None;
        }
        kept.refetched = Some(Instant::now());
        match Keys::fetch_async(&self.url, http).await {
            Ok(keys) if !keys.keys().is_empty() => {
                kept.keys = Arc::new(keys);
                Some(Arc::clone(&kept.keys))
            }
            Ok(_) => {
                tracing::warn!(
                    url = self.url.as_str(),
                    "the provider lists no keys; the last good set stays"
                );
                None
            }
            Err(error) => {
                tracing::warn!(url = self.url.as_str(), %error, "keys were not fetched; the last good set stays");
                None
            }
        }
    }
}
