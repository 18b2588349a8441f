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
//! 13. `functions`: forms without script come back to us
//! 14. `body`: size and time
//!
//! Inside all of this stands sign-in, which finds out who acts, and inside that:
//!
//! 15. `limits`: bursts per person
//! 16. `read_only`: a server function by GET reads, the database holds it to that

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
pub mod production;
mod read_only;
pub mod redirects;
pub mod reports;
pub mod settings;
pub mod shutdown;
mod trace;

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::{Router, extract::Request, http::header::USER_AGENT, middleware};
use platform::{Cx, cx::Origin, people::Actor};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;

pub use client_addr::ClientAddr;
pub use csp::Nonce;
pub use settings::WebSettings;
pub use trace::TraceId;
#[cfg(test)]
pub(crate) use trace::adopt;

use crate::{config::Config, outgoing::Outgoing, state::State};

/// What the web layer of one server shares.
#[derive(Debug)]
pub struct Web {
    /// The portal's own name.
    pub site: host::Site,
    /// Networks of proxies that may say who the client is.
    pub proxies: Vec<ipnet::IpNet>,
    /// The way out.
    pub outgoing: Outgoing,
    /// The application's database for reads: every transaction is read only.
    pub read_db: PgPool,
    /// Counters of bursts.
    pub limits: limits::Limits,
    /// Cancelled when the server is asked to stop: streams end, requests finish.
    pub shutdown: CancellationToken,
    /// Address of the style sheet, for pages made without the application.
    pub stylesheet: ArcSwap<String>,
    /// Address of the script that shows the chosen theme before the first paint.
    pub theme: ArcSwap<String>,
}

impl Web {
    /// The web layer of a portal with these settings, on the application's pool.
    pub fn new(config: &Config, db: &PgPool) -> anyhow::Result<Self> {
        let site = host::Site::of(&config.public_url);
        Ok(Self {
            proxies: config.web.trusted_proxies.clone(),
            outgoing: Outgoing::new(&config.web, config.is_development())?,
            read_db: read_only::pool(db),
            limits: limits::Limits::default(),
            shutdown: CancellationToken::new(),
            stylesheet: ArcSwap::from_pointee("/pkg/groundcrew.css".to_owned()),
            theme: ArcSwap::from_pointee("/pkg/theme.js".to_owned()),
            site,
        })
    }
}

/// Layers that need to know who acts: put around the handlers, inside the layer that signs in
/// (which leaves [`Cx`] in the request's extensions).
pub fn inside(router: Router<State>, state: &State) -> Router<State> {
    router.layer(
        ServiceBuilder::new()
            .layer(middleware::from_fn_with_state(
                state.clone(),
                limits::people,
            ))
            .layer(middleware::from_fn_with_state(
                Arc::clone(&state.web),
                read_only::layer,
            )),
    )
}

/// A context for what the web layer itself puts on the record.
fn cx(state: &State, request: &Request) -> Cx {
    let extensions = request.extensions();
    let actor = Actor::System("web");
    let mut cx = Cx::new(
        state.db.clone(),
        state.audit_db.clone(),
        Arc::clone(&state.keys),
        actor,
    );
    cx.clock = state.clock.clone();
    if let Some(trace) = extensions.get::<TraceId>() {
        cx.trace = Arc::clone(&trace.0);
    }
    let agent = request
        .headers()
        .get(USER_AGENT)
        .and_then(|v| v.to_str().ok());
    cx.origin = Arc::new(Origin {
        ip: extensions.get::<ClientAddr>().map(|addr| addr.0),
        agent: agent.map(|agent| agent.chars().take(256).collect()),
    });
    cx
}

/// What a listener of this machine needs, whom no browser reaches: trace, panic, size and time.
pub fn layers_inside(router: Router<State>) -> Router<State> {
    router.layer(
        ServiceBuilder::new()
            .layer(middleware::from_fn(trace::layer))
            .layer(panic::layer())
            .layer(middleware::from_fn(body::layer)),
    )
}

/// Puts everything above around a router, fallback included.
pub fn layers(router: Router<State>, state: &State) -> Router<State> {
    let web = || Arc::clone(&state.web);
    router.layer(
        ServiceBuilder::new()
            .layer(middleware::from_fn(trace::layer))
            .layer(middleware::from_fn_with_state(web(), client_addr::layer))
            .layer(middleware::from_fn_with_state(
                Arc::clone(&state.auth),
                headers::layer,
            ))
            .layer(compression::layer())
            .layer(middleware::from_fn_with_state(web(), errors::layer))
            .layer(panic::layer())
            .layer(middleware::from_fn_with_state(
                state.clone(),
                redirects::layer,
            ))
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
