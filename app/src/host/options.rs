//! What the server tells the pages at start.

use std::sync::Arc;

use leptos::config::LeptosOptions;
use platform::repository::{Organisation, Status};

use crate::viewer::IssuerLink;

/// What the server tells the pages at start; cheap to clone.
#[derive(Clone)]
pub struct AppOptions {
    /// Leptos' own settings.
    pub leptos: LeptosOptions,
    /// Our origin as people type it (`https://portal.example.com`), for referers of forms.
    pub origin: Arc<str>,
    /// Address of an asset by its logical name: `groundcrew.css`, `groundcrew.js`,
    /// `groundcrew_bg.wasm`, `theme.js`, `time.js`, `page.js`, `live.js`, `log.js`, `icons.svg`, `favicon.svg`.
    pub assets: Arc<dyn Fn(&str) -> String + Send + Sync>,
    /// Ways to sign in, in the order of the settings.
    pub issuers: Arc<[IssuerLink]>,
    /// Teams and mapping of the platform repository as it stands now.
    pub organisation: Arc<dyn Fn() -> Arc<Organisation> + Send + Sync>,
    /// How the platform repository stands, for the Admin page.
    pub repository: Arc<dyn Fn() -> Status + Send + Sync>,
    /// Looks at the platform repository now.
    pub sync_now: Arc<dyn Fn() + Send + Sync>,
    /// Whether the last verification found the audit chain as it must be.
    pub chain_is_sound: Arc<dyn Fn() -> bool + Send + Sync>,
    /// Version of the portal, for the Admin page and support.
    pub version: Arc<str>,
}

/// Extension of the request: the nonce of its Content-Security-Policy. The server's header layer
/// inserts it; every script the pages write carries it.
#[derive(Clone, Debug)]
pub struct PageNonce(pub Arc<str>);
