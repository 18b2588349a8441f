//! On the host: the request's parts, from extensions the server's layers put there.

use std::sync::Arc;

use http::{StatusCode, request::Parts};
use leptos::{nonce::Nonce, prelude::*};
use leptos_axum::ResponseOptions;
use platform::{
    Cx, Error,
    people::Actor,
    repository::{Organisation, Status, Team},
};

use crate::{
    error::AppError,
    host::{AppOptions, PageNonce},
    viewer::{Me, Viewer},
};

/// What one request brought.
#[derive(Clone)]
pub(crate) struct Portal {
    /// Context of operations; absent only where the server forgot its layer.
    pub(crate) cx: Option<Cx>,
    /// What the server told the pages at start.
    pub(crate) options: AppOptions,
}

/// Provides [`Portal`] and the nonce for the request in scope. Runs once per request, after
/// leptos has provided the request's parts.
pub(crate) fn enter(options: &AppOptions) {
    let parts = use_context::<Parts>();
    let extensions = parts.as_ref().map(|parts| &parts.extensions);
    if let Some(nonce) = extensions.and_then(|found| found.get::<PageNonce>()) {
        provide_context(Nonce::from_value(nonce.0.as_ref()));
    }
    provide_context(Portal {
        cx: extensions.and_then(|found| found.get::<Cx>()).cloned(),
        options: options.clone(),
    });
}

/// What the request brought; nothing while routes are listed at start.
pub(crate) fn portal() -> Option<Portal> {
    use_context::<Portal>()
}

/// The context of operations, first line of every server function.
pub(crate) fn cx() -> Result<Cx, AppError> {
    portal().and_then(|portal| portal.cx).ok_or_else(|| {
        tracing::error!("a request came without a context");
        AppError::from(Error::Internal)
    })
}

/// The teams and the mapping as the platform repository stands now.
pub(crate) fn organisation() -> Arc<Organisation> {
    portal()
        .map(|portal| (portal.options.organisation)())
        .unwrap_or_default()
}

/// How the platform repository stands.
pub(crate) fn repository() -> Status {
    portal()
        .map(|portal| (portal.options.repository)())
        .unwrap_or_default()
}

/// Looks at the platform repository now.
pub(crate) fn sync_now() {
    if let Some(portal) = portal() {
        (portal.options.sync_now)();
    }
}

/// Trace id of the request in scope.
pub(crate) fn trace() -> String {
    portal()
        .and_then(|portal| portal.cx)
        .map(|cx| cx.trace.to_string())
        .unwrap_or_default()
}

/// Says how the page in scope is answered.
pub(crate) fn set_status(status: u16) {
    if let (Some(response), Ok(status)) = (
        use_context::<ResponseOptions>(),
        StatusCode::from_u16(status),
    ) {
        response.set_status(status);
    }
}

/// Sends whoever called the server function in scope to a page of ours.
pub(crate) fn redirect(path: &str) {
    leptos_axum::redirect(path);
}

/// Who asks, for the page in scope.
pub(crate) fn viewer_of_request() -> Viewer {
    let Some(portal) = portal() else {
        return Viewer::default();
    };
    let trace = trace();
    let organisation = (portal.options.organisation)();
    let title = |(name, team): (&String, &Team)| (name.clone(), team.title.clone());
    let person = portal.cx.as_ref().and_then(|cx| match &cx.actor {
        Actor::Person(person) => Some(Me::from(person.as_ref())),
        _ => None,
    });
    Viewer {
        issuers: if person.is_none() {
            portal.options.issuers.to_vec()
        } else {
            Vec::new()
        },
        company: organisation.name.clone(),
        teams: organisation.teams.iter().map(title).collect(),
        chain_is_broken: person.as_ref().is_some_and(|me| !me.grants.is_empty())
            && !(portal.options.chain_is_sound)(),
        version: portal.options.version.to_string(),
        me: person,
        trace,
    }
}

/// A value as the browser reads it.
pub(crate) fn written<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
