//! The whole portal as one router: what stands inside what.
//!
//! From the outside in: the web layer (`web::layers`), the gate (503 while there is no database),
//! sign-in (`auth::layer`, who acts), the limits that need to know who acts (`web::inside`), then the
//! handlers: sign-in routes, streams, downloads, pages. Health and assets know nobody and stand
//! outside of sign-in; what machines call has a layer of its own that knows their tokens.

use std::{collections::BTreeMap, sync::Arc};

use app::{AppOptions, IssuerLink};
use axum::{Router, middleware};
use leptos::config::LeptosOptions;
use platform::repository::Status;

use crate::{
    api, auth, downloads, readiness,
    state::State,
    streams,
    web::{self, assets, health, reports},
    work,
};

/// Everything the main listener answers.
pub fn router(state: &State) -> Router {
    let signed_in = auth::routes()
        .merge(api::routes().split_for_parts().0)
        .merge(streams::routes())
        .merge(downloads::routes())
        .merge(pages(state));
    let signed_in = web::inside(signed_in, state).layer(middleware::from_fn_with_state(
        state.clone(),
        auth::layer::layer,
    ));
    let signed_in = signed_in.layer(middleware::from_fn_with_state(
        state.clone(),
        readiness::gate,
    ));
    let all = signed_in
        .merge(health::routes())
        .merge(reports::routes())
        .merge(work::routes(state))
        .merge(assets::router());
    web::layers(all, state).with_state(state.clone())
}

/// Pages, server functions and the page for what does not exist; they find the nonce of the answer
/// in the request. Merged and not nested, so that metrics know their routes.
fn pages(state: &State) -> Router<State> {
    app::router(options(state)).with_state(())
}

fn options(state: &State) -> AppOptions {
    let manifest: Arc<BTreeMap<String, String>> = Arc::new(assets::manifest().into_owned());
    let address = |name| Arc::new(assets::address(&manifest, name));
    state.web.stylesheet.store(address("groundcrew.css"));
    state.web.theme.store(address("theme.js"));
    let organisation = Arc::clone(&state.organisation);
    let repository = Arc::clone(&state.repository);
    let readiness = Arc::clone(&state.readiness);
    let sync_asked = Arc::clone(&state.sync_asked);
    let issuers = state.auth.issuers().iter().map(|issuer| IssuerLink {
        id: issuer.settings.id.clone(),
        title: issuer.settings.title.clone(),
    });
    AppOptions {
        leptos: LeptosOptions::builder().output_name("groundcrew").build(),
        origin: state
            .config
            .public_url
            .origin()
            .ascii_serialization()
            .into(),
        assets: Arc::new(move |name| assets::address(&manifest, name)),
        issuers: issuers.collect(),
        organisation: Arc::new(move || organisation.load_full()),
        repository: Arc::new(move || Status::clone(&repository.load())),
        sync_now: Arc::new(move || sync_asked.notify_one()),
        chain_is_sound: Arc::new(move || readiness.chain_is_sound()),
        version: env!("CARGO_PKG_VERSION").into(),
    }
}
