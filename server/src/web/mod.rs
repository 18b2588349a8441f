//! The web layer: what every request passes and every answer carries, whoever handles it.
//!
//! Order, outermost first. A request meets them from top to bottom, its answer from bottom to top:
//!
//! 1. `trace`: trace id, span, one log line and the metrics of the request
//! 2. `client_addr`: who is at the other end, through trusted proxies only
//! 3. `headers` with `csp`: nonce in, security headers out, on errors and assets too
//! 4. `compression`: of what is not compressed yet and not a stream
//! 5. `errors`: a bare error becomes a page or a problem document
//! 6. `panic`: a panic becomes a 500, the process lives
//! 7. `redirects`: no answer leads abroad, none switches protocols
//! 8. `host`: our name or 421
//! 9. `methods`: TRACE, CONNECT and protocol upgrades end here
//! 10. `limits`: bursts per address
//! 11. `csrf`: two layers
//! 12. `fetch_metadata`: what another site may GET
//! 13. `functions`: what a server function may be sent
//! 14. `body`: size and time
//!
//! Inside all of this stand sign-in (who acts) and the handlers.

pub mod assets;
mod body;
mod client_addr;
mod compression;
mod csp;
mod csrf;
mod errors;
mod fetch_metadata;
mod functions;
mod headers;
pub mod health;
pub mod host;
pub mod limits;
mod methods;
pub mod metrics;
mod panic;
pub mod redirects;
pub mod reports;
pub mod settings;
pub mod shutdown;
mod trace;

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::{Router, middleware};
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use url::Url;

pub use client_addr::ClientAddr;
pub use csp::Nonce;
pub use settings::WebSettings;
pub use trace::TraceId;

use crate::state::State;

/// What the web layer of one server shares.
#[derive(Debug)]
pub struct Web {
    /// The portal's own name.
    pub site: host::Site,
    /// Networks of proxies that may say who the client is.
    pub proxies: Vec<ipnet::IpNet>,
    /// Endpoints of the configured issuers to which a browser may be sent: authorization and
    /// end-session. Sign-in fills it; forms and redirects may lead there and nowhere else.
    pub issuers: ArcSwap<Vec<Url>>,
    /// Counters of bursts.
    pub limits: limits::Limits,
    /// Cancelled when the server is asked to stop: streams end, requests finish.
    pub shutdown: CancellationToken,
    /// Address of the style sheet, for pages made without the application.
    pub stylesheet: ArcSwap<String>,
}

impl Web {
    /// The web layer of a portal with this address.
    pub fn new(public_url: &Url, settings: &WebSettings) -> Self {
        Self {
            site: host::Site::of(public_url),
            proxies: settings.trusted_proxies.clone(),
            issuers: ArcSwap::default(),
            limits: limits::Limits::default(),
            shutdown: CancellationToken::new(),
            stylesheet: ArcSwap::from_pointee("/pkg/groundcrew.css".to_owned()),
        }
    }
}

/// Puts everything above around a router, fallback included.
pub fn layers(router: Router<State>, state: &State) -> Router<State> {
    let web = || Arc::clone(&state.web);
    router.layer(
        ServiceBuilder::new()
            .layer(middleware::from_fn(trace::layer))
            .layer(middleware::from_fn_with_state(web(), client_addr::layer))
            .layer(middleware::from_fn_with_state(web(), headers::layer))
            .layer(compression::layer())
            .layer(middleware::from_fn_with_state(web(), errors::layer))
            .layer(panic::layer())
            .layer(middleware::from_fn_with_state(web(), redirects::layer))
            .layer(middleware::from_fn_with_state(web(), host::layer))
            .layer(middleware::from_fn(methods::layer))
            .layer(middleware::from_fn_with_state(state.clone(), limits::layer))
            .layer(csrf::layer(&state.web.site))
            .layer(middleware::from_fn_with_state(web(), csrf::cookies))
            .layer(middleware::from_fn(fetch_metadata::layer))
            .layer(middleware::from_fn_with_state(web(), functions::layer))
            .layer(middleware::from_fn(body::layer)),
    )
}
