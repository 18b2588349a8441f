//! The application: what both sides of hydration run.

use crate::prelude::*;
use leptos::{children::ToChildren, tachys::view::iterators::StaticVec};
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    NestedRoute, PossibleRouteMatch, SsrMode,
    any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute as _},
    components::{FlatRoutes, FlatRoutesProps, Router},
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
/// Routes have one type, so that the browser's router does not grow with each.
fn pages() -> AnyView {
    let routes = || {
        StaticVec::from(vec![
            plain(path!("/"), home::page),
            plain(path!("/catalog"), catalog::list),
            plain(path!("/environments"), environments::list),
            plain(path!("/requests"), requests::list),
            plain(path!("/approvals"), approvals::list),
            plain(path!("/runbooks"), runbooks::list),
            plain(path!("/incidents"), incidents::list),
            with_data(path!("/jobs"), jobs::list),
            with_data(path!("/jobs/queue"), jobs::queue),
            with_data(path!("/jobs/new"), jobs::new),
            with_data(path!("/jobs/:id"), jobs::show),
            with_data(path!("/workers"), workers::list),
            with_data(path!("/stacks"), stacks::list),
            with_data(path!("/stacks/:id"), stacks::show),
            plain(path!("/insights"), insights::show),
            with_data(path!("/admin"), admin::show),
            with_data(path!("/sessions"), sessions::list),
            with_data(path!("/people/:id"), people::show),
            with_data(path!("/audit"), audit::list),
            with_data(path!("/audit/:id"), audit::show),
            with_data(path!("/search"), search::page),
            plain(path!("/sign-in"), sign_in::page),
        ])
    };
    let not_found: fn() -> AnyView = not_found::page;
    let props = FlatRoutesProps::builder()
        .fallback(not_found)
        .children(ToChildren::to_children(routes));
    FlatRoutes(props.build()).into_any()
}

fn plain<P>(path: P, page: fn() -> AnyView) -> AnyNestedRoute
where
    P: PossibleRouteMatch + std::fmt::Debug + Clone + Send + Sync + 'static,
{
    NestedRoute::new(path, page).into_any_nested_route()
}

fn with_data<P>(path: P, page: fn() -> AnyView) -> AnyNestedRoute
where
    P: PossibleRouteMatch + std::fmt::Debug + Clone + Send + Sync + 'static,
{
    NestedRoute::new(path, page)
        .ssr_mode(SsrMode::Async)
        .into_any_nested_route()
}

fn window_title(page: String) -> String {
    if page.is_empty() {
        "Groundcrew".to_owned()
    } else {
        format!("{page} · Groundcrew")
    }
}
