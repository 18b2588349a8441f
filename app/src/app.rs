//! The application: what both sides of hydration run.

use crate::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::{
    admin, approvals, audit, catalog,
    context::{provide_session, viewer_of_request},
    environments, home, incidents, insights, jobs,
    layout::Frame,
    no_access, not_found, people, requests, runbooks, search, sessions, sign_in, stacks,
    viewer::Viewer,
    wire::Text,
    workers,
};

/// The whole interface: the frame for whoever is signed in, and the page of the address.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let viewer = SharedValue::<Viewer, Text>::new_with_encoding(viewer_of_request).into_inner();
    provide_context(viewer.clone());
    provide_session();
    view! {
        <Title formatter=window_title />
        <Router>
            {match viewer.me {
                Some(me) if me.grants.is_empty() => view! { <Frame>{no_access::page()}</Frame> }.into_any(),
                Some(_) => view! { <Frame>{pages()}</Frame> }.into_any(),
                None => pages(),
            }}
        </Router>
    }
}

/// Every page of `routes::PAGES`; a test holds both to each other.
///
/// Pages with data are `Async`: their status depends on it, and they are whole without script.
fn pages() -> AnyView {
    view! {
        <FlatRoutes fallback=not_found::page>
            <Route path=path!("/") view=home::page />
            <Route path=path!("/catalog") view=catalog::list />
            <Route path=path!("/environments") view=environments::list />
            <Route path=path!("/requests") view=requests::list />
            <Route path=path!("/approvals") view=approvals::list />
            <Route path=path!("/runbooks") view=runbooks::list />
            <Route path=path!("/incidents") view=incidents::list />
            <Route path=path!("/jobs") view=jobs::list ssr=SsrMode::Async />
            <Route path=path!("/jobs/queue") view=jobs::queue ssr=SsrMode::Async />
            <Route path=path!("/jobs/new") view=jobs::new ssr=SsrMode::Async />
            <Route path=path!("/jobs/:id") view=jobs::show ssr=SsrMode::Async />
            <Route path=path!("/workers") view=workers::list ssr=SsrMode::Async />
            <Route path=path!("/stacks") view=stacks::list ssr=SsrMode::Async />
            <Route path=path!("/stacks/:id") view=stacks::show ssr=SsrMode::Async />
            <Route path=path!("/insights") view=insights::show />
            <Route path=path!("/admin") view=admin::show ssr=SsrMode::Async />
            <Route path=path!("/sessions") view=sessions::list ssr=SsrMode::Async />
            <Route path=path!("/people/:id") view=people::show ssr=SsrMode::Async />
            <Route path=path!("/audit") view=audit::list ssr=SsrMode::Async />
            <Route path=path!("/audit/:id") view=audit::show ssr=SsrMode::Async />
            <Route path=path!("/search") view=search::page ssr=SsrMode::Async />
            <Route path=path!("/sign-in") view=sign_in::page />
        </FlatRoutes>
    }
    .into_any()
}

fn window_title(page: String) -> String {
    if page.is_empty() {
        "Groundcrew".to_owned()
    } else {
        format!("{page} · Groundcrew")
    }
}
