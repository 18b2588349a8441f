//! Methods nobody handles, addresses nobody has, and protocol upgrades.
//!
//! There are no `WebSocket`s here: server functions would upgrade without looking at Origin, and the
//! CSRF layer passes GET. Whoever adds one checks Origin at the upgrade first.

use axum::{
    extract::Request,
    http::{Method, StatusCode, header::UPGRADE},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// TRACE, CONNECT and unknown methods: 405. A NUL in the address: 400. The means to upgrade is taken away.
pub(super) async fn layer(mut request: Request, next: Next) -> Response {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    // Terraform's words for its lock.
    let locks = request.uri().path().starts_with("/state/")
        && matches!(request.method().as_str(), "LOCK" | "UNLOCK");
    if !known.contains(request.method()) && !locks {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    // No name, text or id of ours holds a NUL, and the database could not look for one.
    if request
        .uri()
        .path_and_query()
        .is_some_and(|asked| asked.as_str().contains("%00"))
    {
        return StatusCode::BAD_REQUEST.into_response();
    }
    request.headers_mut().remove(UPGRADE);
    request
        .extensions_mut()
        .remove::<hyper::upgrade::OnUpgrade>();
    next.run(request).await
}
