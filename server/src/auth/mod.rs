//! Sign-in: through an identity provider and no other way.
//!
//! `layer` finds out, once per request, who acts. `flow` begins a sign-in, `callback` ends it,
//! `session` holds the one cookie; `logout` and `backchannel` end sessions, `step_up` asks the
//! provider to confirm the person again. `issuers` are the settings, `oidc` speaks the protocol,
//! `claims` and `jwks` judge what comes back.

mod backchannel;
mod callback;
mod claims;
mod client_auth;
mod cookies;
mod described;
mod flow;
mod issuers;
mod jwks;
pub mod layer;
mod logout;
mod logout_token;
mod metadata;
mod oidc;
mod return_to;
mod session;
mod step_up;
mod types;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};
use platform::Cx;
use url::Url;

pub use issuers::{IssuerSettings, Issuers, IssuersError};
pub use oidc::{Issuer, StartError};
pub use session::Store;

use crate::{
    outgoing::Outgoing,
    state::State,
    web::{ClientAddr, TraceId},
};

/// The configured identity providers, ready to be asked.
#[derive(Debug)]
pub struct Auth {
    issuers: Vec<Arc<Issuer>>,
}

impl Auth {
    /// Makes them ready; asks nobody yet.
    pub fn new(settings: Issuers, public_url: &Url, outgoing: &Outgoing) -> Self {
        let issuers = settings
            .into_vec()
            .into_iter()
            .map(|settings| Arc::new(Issuer::new(settings, public_url, outgoing.clone())))
            .collect();
        Self { issuers }
    }

    /// The provider of this name in the settings.
    pub fn issuer(&self, id: &str) -> Option<&Arc<Issuer>> {
        self.issuers.iter().find(|issuer| issuer.settings.id == id)
    }

    /// All, in the order of the settings.
    pub fn issuers(&self) -> &[Arc<Issuer>] {
        &self.issuers
    }

    /// Issuer URLs of the settings.
    pub fn configured(&self) -> Vec<String> {
        self.issuers
            .iter()
            .map(|issuer| issuer.settings.issuer.clone())
            .collect()
    }

    /// Names and URLs, for completing and checking the platform repository.
    pub fn for_repository(&self) -> Vec<platform::repository::ConfiguredIssuer> {
        let configured = |issuer: &Arc<Issuer>| platform::repository::ConfiguredIssuer {
            id: issuer.settings.id.clone(),
            issuer: issuer.settings.issuer.clone(),
        };
        self.issuers.iter().map(configured).collect()
    }

    /// Asks every provider for its metadata, at start. One that cannot be reached is tried again
    /// when somebody signs in; one that answers what we do not accept is an error.
    pub async fn discover(&self) -> Result<(), Vec<StartError>> {
        let mut errors = Vec::new();
        for issuer in &self.issuers {
            match issuer.metadata().await {
                Ok(_) => {}
                Err(error) if error.is_passing() => {
                    tracing::warn!(issuer = issuer.settings.id, %error, "identity provider does not answer yet");
                }
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }

    /// Endpoints browsers may be sent to, as far as the providers have named them.
    pub fn browser_endpoints(&self) -> Vec<Url> {
        self.issuers
            .iter()
            .flat_map(|issuer| issuer.browser_endpoints())
            .collect()
    }
}

/// Everything under `/auth`.
pub fn routes() -> Router<State> {
    Router::new()
        .route("/auth/start", post(flow::start))
        .route("/auth/callback/{issuer}", get(callback::callback))
        .route("/auth/sign-out", post(logout::sign_out))
        .route("/auth/signed-out", get(logout::signed_out))
        .route("/auth/backchannel/{issuer}", post(backchannel::logout))
        .route("/auth/step-up", post(step_up::start))
}

/// What the portal does about sessions while it runs: ends those of issuers that are gone, then
/// clears away what has outlived its use, every ten minutes, until the server stops.
pub async fn keep(state: State) {
    let cx = system(&state, &axum::http::Extensions::new());
    if let Err(error) =
        platform::sessions::ops::end_of_gone_issuers(&cx, &state.auth.configured()).await
    {
        tracing::error!(%error, "sessions of issuers that are gone were not ended");
    }
    let mut often = tokio::time::interval(std::time::Duration::from_mins(10));
    loop {
        tokio::select! {
            () = state.web.shutdown.cancelled() => return,
            _ = often.tick() => {}
        }
        if let Err(error) = platform::sessions::ops::purge(&cx).await {
            tracing::warn!(%error, "nothing was cleared away");
        }
    }
}

/// The portal's own context for the part that signs people in and out, with the request's trace and
/// origin.
fn system(state: &State, extensions: &axum::http::Extensions) -> Cx {
    let mut cx = layer::bare(state, platform::people::Actor::System("sign-in"));
    if let Some(TraceId(trace)) = extensions.get::<TraceId>() {
        cx.trace = Arc::clone(trace);
    }
    if let Some(seen) = extensions.get::<Cx>() {
        cx.origin = Arc::clone(&seen.origin);
    } else if let Some(ClientAddr(ip)) = extensions.get::<ClientAddr>() {
        cx.origin = Arc::new(platform::cx::Origin {
            ip: Some(*ip),
            agent: None,
        });
    }
    cx
}
