//! What the request brought, for pages and server functions: the only place in
//! this crate that reads contexts.

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(not(target_arch = "wasm32"))]
mod request;

#[cfg(target_arch = "wasm32")]
pub(crate) use browser::{set_status, trace, viewer_of_request, written};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use request::{
    cx, enter, organisation, redirect, repository, set_status, sync_now, trace, viewer_of_request,
    written,
};

use crate::prelude::*;

use crate::viewer::{Me, Viewer};

/// Who looks at the page. Given once by the application, the same on both sides of hydration.
pub(crate) fn viewer() -> Viewer {
    expect_context::<Viewer>()
}

/// The signed-in person of a page behind the sign-in.
pub(crate) fn me() -> Me {
    viewer().me.unwrap_or_default()
}

/// What concerns the whole session while the page is open.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    /// An answer said that nobody is signed in any more.
    pub(crate) ended: RwSignal<bool>,
}

/// Provides the state of the session; once, by the application.
pub(crate) fn provide_session() {
    provide_context(Session {
        ended: RwSignal::new(false),
    });
}

/// The state of the session.
pub(crate) fn session() -> Session {
    expect_context::<Session>()
}
