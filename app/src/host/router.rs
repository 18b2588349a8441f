//! The pages and server functions as one router. Instantiated here and not in the server, so that
//! the view tree is compiled once.

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{Method, StatusCode, header::ACCEPT},
    middleware,
    response::{IntoResponse as _, Response},
};
use leptos_axum::{LeptosRoutes as _, generate_route_list, render_app_to_stream_with_context};

use super::{AppOptions, functions::functions, guard::guard, shell::shell};
use crate::{App, context::enter};

/// Pages, server functions under `/fn`, and the page for addresses that do not exist. The server
/// puts its layers around: `platform::Cx` and [`super::PageNonce`] must be in the request's
/// extensions.
pub fn router(options: AppOptions) -> Router {
    let routes = generate_route_list(App);
    let entering = {
        let options = options.clone();
        move || enter(&options)
    };
    let document = {
        let options = options.clone();
        move || shell(&options)
    };
    let missing = {
        let render = render_app_to_stream_with_context(entering.clone(), document.clone());
        move |request: Request| {
            let render = render.clone();
            async move { not_found(request, render).await }
        }
    };
    Router::new()
        .leptos_routes_with_context(&options.leptos, routes, entering, document)
        .fallback(missing)
        .layer(middleware::from_fn_with_state(options.clone(), guard))
        .layer(middleware::from_fn_with_state(options.clone(), functions))
        .with_state(options.leptos)
}

/// Browsers get the page that says so; everything else a bare 404.
async fn not_found<F, R>(request: Request, render: F) -> Response
where
    F: FnOnce(Request<Body>) -> R,
    R: Future<Output = Response>,
{
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads && accepts_html(request.headers()) && !request.uri().path().starts_with("/fn/") {
        render(request).await
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

/// Whether whoever asks is a browser that will show the answer as a page.
pub(super) fn accepts_html(headers: &http::HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}
